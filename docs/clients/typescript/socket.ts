// One connection that speaks graphql-transport-ws, for any number of subscriptions.
// https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md

import { ConnectionLost, RequestFailed, type GraphQLError } from "./faults.ts";

export type Payload = { query: string; operationName: string; variables: unknown };

const PING_MILLISECONDS = 15_000;
/** A consumer that lets so many events lie is cut off, and begins again with the latest state. */
const EVENTS_WAITING_MAX = 1_000;
/** Closed with one of these, the same would come again: a mistake of ours, or bad credentials. */
const CLOSED_FOR_GOOD = [4400, 4401, 4406, 4409, 4429, 4500];

type Message =
  | { type: "connection_ack" | "ping" | "pong" }
  | { type: "next"; id: string; payload: { data?: unknown; errors?: GraphQLError[] } }
  | { type: "error"; id: string; payload: GraphQLError[] }
  | { type: "complete"; id: string };

export class Socket {
  readonly #socket: WebSocket;
  readonly #streams = new Map<string, Stream>();
  readonly #onEnd: () => void;
  readonly #pinging: ReturnType<typeof setInterval>;
  /** What waits for the acknowledgement; none once that has come. */
  #unsent: unknown[] | undefined = [];
  #ended: Error | undefined;
  #heard = true;
  #nextId = 1;

  constructor(url: string, init: Record<string, string>, onEnd: () => void) {
    this.#onEnd = onEnd;
    this.#socket = new WebSocket(url, "graphql-transport-ws");
    this.#socket.onopen = () => this.#send({ type: "connection_init", payload: init });
    this.#socket.onmessage = (event) => this.#take(JSON.parse(String(event.data)));
    this.#socket.onclose = ({ code, reason }) => {
      const passes = !CLOSED_FOR_GOOD.includes(code);
      this.#end(new ConnectionLost(`closed with ${code}: ${reason}`, passes));
    };
    this.#pinging = setInterval(() => this.#ping(), PING_MILLISECONDS);
  }

  /** The events of a subscription, until it is complete or `signal` aborts. */
  async *subscribe(payload: Payload, signal?: AbortSignal): AsyncGenerator<unknown> {
    if (this.#ended) throw this.#ended;
    const id = String(this.#nextId++);
    const stream = new Stream();
    const stop = () => stream.end();
    this.#streams.set(id, stream);
    signal?.addEventListener("abort", stop);
    if (signal?.aborted) stop();
    try {
      this.#say({ type: "subscribe", id, payload });
      yield* stream.events();
    } finally {
      signal?.removeEventListener("abort", stop);
      this.#leave(id);
    }
  }

  #leave(id: string): void {
    if (this.#streams.delete(id)) this.#say({ type: "complete", id });
    if (this.#streams.size === 0) this.#end(new ConnectionLost("nobody subscribes any more"));
  }

  #take(message: Message): void {
    this.#heard = true;
    if (message.type === "connection_ack") this.#ready();
    else if (message.type === "ping") this.#send({ type: "pong" });
    else if (message.type === "next") this.#next(message.id, message.payload);
    else if (message.type === "error") this.#over(message.id, new RequestFailed(message.payload));
    else if (message.type === "complete") this.#over(message.id);
  }

  #next(id: string, payload: { data?: unknown; errors?: GraphQLError[] }): void {
    const stream = this.#streams.get(id);
    if (payload.errors) stream?.end(new RequestFailed(payload.errors));
    else if (stream?.isFull) stream.end(new ConnectionLost("the consumer is too slow"));
    else stream?.push(payload.data);
  }

  #ready(): void {
    const unsent = this.#unsent ?? [];
    this.#unsent = undefined;
    for (const message of unsent) this.#send(message);
  }

  /** The other side is done with a subscription, so nothing is sent about it. */
  #over(id: string, error?: Error): void {
    const stream = this.#streams.get(id);
    this.#streams.delete(id);
    stream?.end(error);
  }

  /** A connection may be dead without a sign: if nothing came since the last ping, it is. */
  #ping(): void {
    if (!this.#heard) return this.#end(new ConnectionLost("the connection is silent"));
    this.#heard = false;
    if (this.#socket.readyState === WebSocket.OPEN) this.#send({ type: "ping" });
  }

  #end(error: ConnectionLost): void {
    if (this.#ended) return;
    this.#ended = error;
    clearInterval(this.#pinging);
    this.#onEnd();
    for (const stream of this.#streams.values()) stream.end(error);
    this.#streams.clear();
    this.#socket.close();
  }

  #say(message: unknown): void {
    if (this.#unsent) this.#unsent.push(message);
    else this.#send(message);
  }

  #send(message: unknown): void {
    this.#socket.send(JSON.stringify(message));
  }
}

/** Events that came and were not fetched yet. */
class Stream {
  readonly #events: unknown[] = [];
  #end: { error: Error | undefined } | undefined;
  #wake: () => void = () => {};

  get isFull(): boolean {
    return this.#events.length >= EVENTS_WAITING_MAX;
  }

  push(event: unknown): void {
    if (!this.#end) this.#events.push(event);
    this.#wake();
  }

  end(error?: Error): void {
    this.#end ??= { error };
    this.#wake();
  }

  async *events(): AsyncGenerator<unknown> {
    for (;;) {
      while (this.#events.length > 0) yield this.#events.shift();
      if (this.#end?.error) throw this.#end.error;
      if (this.#end) return;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}
