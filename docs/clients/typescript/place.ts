// A place as it is now, kept so by the stream of its occupancy.

import { wanted } from "./faults.ts";
import { placeOccupancy } from "./operations.ts";
import type { Bay, ID, PlaceOccupancyData, Version } from "./operations.ts";
import type { Client } from "./client.ts";

type Update = Extract<PlaceOccupancyData["placeOccupancy"], { kind: unknown }>;

/** The bays of a place at `version`, and the update that brought them there. */
export type Now = { version: Version; bays: ReadonlyMap<ID, Bay>; update: Update };

/**
 * Follow a place: first as it is, then with each change, without missing one.
 *
 * After a lost connection it goes on with what changed since `version`. Each DELTA says which
 * version it continues; if that is ever another than ours, we missed something and begin anew.
 */
export async function* followPlace(
  client: Client,
  placeId: ID,
  signal?: AbortSignal,
): AsyncGenerator<Now> {
  const bays = new Map<ID, Bay>();
  let version: Version | undefined;
  const resume = () => ({ after: version });
  again: for (;;) {
    for await (const event of client.watch(placeOccupancy, { placeId }, { resume, signal })) {
      const update = wanted(event.placeOccupancy, "PlaceOccupancyUpdate");
      if (update.kind === "DELTA" && update.previousVersion !== version) continue again;
      if (update.kind === "SNAPSHOT") bays.clear();
      for (const bay of update.spaces) bays.set(bay.spaceId, bay);
      version = update.version;
      yield { version, bays, update };
    }
    return;
  }
}
