// Finds a space, books it, and follows its place: `node example.ts`, with Node 22.18 or newer.
//
//   BERTH_URL    http://127.0.0.1:8000/graphql, where `make run` answers
//   BERTH_TOKEN  a driver's access token, as `make run` prints it
//   NEAR         latitude,longitude; the demo's shopping centre by default

import { Client, newKey } from "./client.ts";
import { RequestFailed, Refused, wanted } from "./faults.ts";
import * as operations from "./operations.ts";
import type { Amount, Booking, ID } from "./operations.ts";
import { followPlace } from "./place.ts";

const { BERTH_URL, BERTH_TOKEN, NEAR = "30.2538,120.1642" } = process.env;
const HOUR_MILLISECONDS = 3_600_000;

const client = new Client({
  url: BERTH_URL ?? "http://127.0.0.1:8000/graphql",
  token: () => BERTH_TOKEN,
});

/** The nearest place, and how it is. */
async function nearestPlace(): Promise<ID> {
  const [latitude = 0, longitude = 0] = NEAR.split(",").map(Number);
  const near = { latitude, longitude, radiusMetres: 2_000 };
  const { places } = await client.ask(operations.placesNear, { near, first: 5 });
  const [nearest] = places.nodes;
  if (!nearest) throw new Error(`no place within 2 km of ${NEAR}`);
  const { place } = await client.ask(operations.placeLive, { id: nearest.id });
  const { state, counts } = place ?? nearest;
  console.log(`place ${nearest.name}: ${state}, ${counts.available} of ${counts.total} available`);
  return nearest.id;
}

/** Book a space there for an hour, from an hour from now. */
async function book(placeId: ID): Promise<Booking | undefined> {
  const from = Date.now() + HOUR_MILLISECONDS;
  const window = { startsAt: time(from), endsAt: time(from + HOUR_MILLISECONDS) };
  const found = await client.ask(operations.findSpaces, { area: { placeId }, window, first: 3 });
  for (const { listingId, space } of found.availableSpaces.nodes) {
    const input = { ...window, listingId, spaceId: space?.id };
    const asked = { input, idempotencyKey: newKey() };
    const { quoteSpace } = await client.ask(operations.quoteSpace, asked);
    const { quote } = wanted(quoteSpace, "QuoteMade");
    console.log(`quote ${money(quote.price)} for bay ${space?.number}, until ${quote.expiresAt}`);
    const intent = { quoteId: quote.id, idempotencyKey: newKey() };
    const { reserve } = await client.ask(operations.reserve, intent);
    if (reserve.__typename === "WindowTaken") continue; // somebody was quicker: the next space
    return confirm(wanted(reserve, "Reserved").reservation);
  }
  return undefined;
}

async function confirm({ id }: Booking): Promise<Booking> {
  const intent = { reservationId: id, idempotencyKey: newKey() };
  const { confirmReservation: answer } = await client.ask(operations.confirm, intent);
  if (answer.__typename === "NotFunded" && answer.missing) {
    console.log(`the wallet lacks ${money(answer.missing)}`);
  }
  const { reservation } = wanted(answer, "ReservationConfirmed");
  console.log(`booked bay ${reservation.space?.number}: ${reservation.state}, page ${reservation.link}`);
  return reservation;
}

async function showBookings(): Promise<void> {
  const { viewer } = await client.ask(operations.myBookings, { states: ["CONFIRMED", "ACTIVE"] });
  for (const { id, startsAt, place, space } of viewer?.reservations.nodes ?? []) {
    console.log(`booking ${id} ${startsAt}: ${place?.name}, bay ${space?.number}`);
  }
}

/** Print each change of the place, until the process is ended. */
async function follow(placeId: ID, signal: AbortSignal): Promise<void> {
  for await (const { version, bays, update } of followPlace(client, placeId, signal)) {
    const { kind, counts } = update;
    console.log(`${kind} ${version}: ${bays.size} bays, ${counts.available} available`);
    if (kind === "SNAPSHOT") continue;
    for (const { number, status } of update.spaces) console.log(`bay ${number} ${status}`);
  }
}

function time(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

function money({ amountMinor, currency }: Amount): string {
  const format = new Intl.NumberFormat("en", { style: "currency", currency });
  return format.format(amountMinor / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
}

const ended = new AbortController();
process.once("SIGINT", () => ended.abort());
try {
  const placeId = await nearestPlace();
  if (BERTH_TOKEN) {
    await book(placeId);
    await showBookings();
  }
  await follow(placeId, ended.signal);
} catch (error) {
  if (!(error instanceof RequestFailed || error instanceof Refused)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
