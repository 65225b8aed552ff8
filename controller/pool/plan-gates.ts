// Which of a Revision's gated pods are to start: all that no claimed pod is going to take the place of.

export interface GatedPod {
  readonly name: string;
  readonly uid: string;
  /** Uid of its ReplicaSet. */
  readonly owner: string | undefined;
}

export interface GatesView {
  /** Those that live. */
  readonly gated: readonly GatedPod[];
  /** Uids of the Revision's pods that live and have no gate, with the uid of their ReplicaSet. */
  readonly ungated: ReadonlyMap<string, string | undefined>;
  /** Replicas wanted, by the uid of the ReplicaSet. */
  readonly replicaSets: ReadonlyMap<string, number>;
  /** Uid of the ReplicaSet that claimed pods are adopted by. */
  readonly current: string | undefined;
  /** Pool pods known to serve this Revision and not seen as its own yet. */
  readonly claimed: ReadonlySet<string>;
}

/**
 * Never more than the ReplicaSet lacks: right after an adoption it has one too many, and takes the gated one away. Of
 * a ReplicaSet that isn't known nothing is lifted; the news of it brings us back.
 */
export function planGates(view: GatesView): GatedPod[] {
  const lifted: GatedPod[] = [];
  for (const [owner, replicas] of view.replicaSets) {
    const gated = view.gated.filter((pod) => pod.owner === owner);
    if (gated.length === 0) continue;
    const up = [...view.ungated].filter(([, one]) => one === owner).map(([uid]) => uid);
    const coming = owner === view.current ? view.claimed : new Set<string>();
    const lacking = replicas - new Set([...up, ...coming]).size;
    gated.sort((a, b) => (a.name < b.name ? -1 : 1));
    lifted.push(...gated.slice(0, Math.max(0, lacking)));
  }
  return lifted;
}
