// The bays of a place by their numbers, for who types one. They are asked for once a place.

const PAGES_MAX = 20;

const SPACES = /* GraphQL */ `
  query NumbersOfBays($id: ID!, $after: String) {
    place(id: $id) {
      subplaces { id name level }
      spaces(first: 500, after: $after) { nodes { id number subplaceId } pageInfo { hasNextPage endCursor } }
    }
  }`;

const asked = new Map();

const plain = (number) => number.trim().toUpperCase().replace(/\s+/g, "");

async function read(ask, id) {
  const found = new Map();
  for (let after = null, page = 0; page < PAGES_MAX; page += 1) {
    const { place } = await ask(SPACES, { id, after });
    if (!place) break;
    const names = new Map(place.subplaces.map((each) => [each.id, each.name]));
    for (const space of place.spaces.nodes)
      found.set(plain(space.number), { id: space.id, number: space.number, part: names.get(space.subplaceId) ?? "" });
    if (!place.spaces.pageInfo.hasNextPage) break;
    after = place.spaces.pageInfo.endCursor;
  }
  return found;
}

/** The bays of a place: `{id, number, part}` by number. */
export function spacesOf(ask, placeId) {
  if (!placeId) return Promise.resolve(new Map());
  if (!asked.has(placeId)) {
    const reading = read(ask, placeId);
    asked.set(placeId, reading);
    reading.catch(() => asked.delete(placeId));
  }
  return asked.get(placeId);
}

/** The bay that somebody means by what they typed; undefined where the place has none such. */
export const spaceNamed = (spaces, text) => spaces.get(plain(text));
