// One reason why an object is invalid, as a Status lists it in details.causes.

export interface Cause {
  /** Kubernetes' own word, for example FieldValueInvalid, FieldValueRequired, FieldValueNotSupported. */
  reason: string;
  /** Path of the field as Kubernetes writes it: spec.containers[0].name, metadata.labels. */
  field: string;
  /** With the prefix Kubernetes prints: `Invalid value: 0: must be greater than 0`, `Required value`. */
  message: string;
}
