// What a collection is that shows the objects of another one in a form of its own, as two versions of a kind do.

import type { AnyObject } from '../any-object.ts';

export interface ResourceView {
  /** The storage's key of the collection that keeps the objects: `/events`. */
  readonly home: string;
  /** The object as it is kept, in the form of the view; takes parts over, copies none and changes none. */
  readonly show: (kept: AnyObject) => AnyObject;
  /** The other way round. */
  readonly keep: (shown: AnyObject) => AnyObject;
  /** The group that refusals of an object name; undefined: the view's own. */
  readonly refusedGroup?: string;
  /** Selectable fields of the view that are called otherwise at home. */
  readonly fieldNames?: ReadonlyMap<string, string>;
}
