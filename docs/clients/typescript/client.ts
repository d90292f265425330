// A client for Berth without dependencies, for browsers and Node: copy it, or learn from it.
// Queries and mutations go over HTTP, subscriptions over one WebSocket that comes back by itself.

import { ConnectionLost, passes, RequestFailed, type GraphQLError } from "./faults.ts";
import type { Operation } from "./operations.ts";
import { Socket, type Payload } from "./socket.ts";

const HEADERS = {
  "content-type": "application/json",
  accept: "application/graphql-response+json, application/json;q=0.9",
};
const REQUEST_MILLISECONDS_MAX = 30_000;
const TRIES_MAX = 5;
const PAUSE_MILLISECONDS = 250;
const PAUSE_MILLISECONDS_MAX = 15_000;
/** Statuses of whatever stands before Berth, and of Berth while its database is away. */
const PASSING_STATUSES = [502, 503, 504];

export type Options = {
  /** Such as `https://parking.example/graphql`. */
  url: string;
  /** An access token or API key; asked for before each request and connection. */
  token?: () => string | undefined | Promise<string | undefined>;
};

export type WatchOptions<Data, Variables> = {
  /** What to ask for differently after an event, so that a new connection goes on behind it. */
  resume?: (data: Data) => Partial<Variables>;
  signal?: AbortSignal | undefined;
};

/** A key for one intent: keep it with the intent, and use it again if you have to ask again. */
export function newKey(): string {
  return crypto.randomUUID();
}

export class Client {
  readonly #url: string;
  readonly #token: NonNullable<Options["token"]>;
  #socket: Socket | undefined;
  #opening: Promise<Socket> | undefined;

  constructor({ url, token = () => undefined }: Options) {
    this.#url = url;
    this.#token = token;
  }

  /**
   * Run a query or a mutation.
   *
   * When the connection is lost it is sent again, since a query changes nothing and a mutation
   * with the same `idempotencyKey` has one effect. Throws `RequestFailed` and `ConnectionLost`;
   * a refusal is an answer (see `wanted`).
   */
  async ask<Data, Variables>(
    operation: Operation<"query" | "mutation", Data, Variables>,
    variables: NoInfer<Variables>,
    signal?: AbortSignal,
  ): Promise<Data> {
    const body = JSON.stringify(payloadOf(operation, variables));
    const triesMax = isRepeatable(operation.kind, variables) ? TRIES_MAX : 1;
    for (let tries = 1; ; tries++) {
      try {
        return (await this.#post(body, signal)) as Data;
      } catch (error) {
        if (tries >= triesMax || !passes(error)) throw error;
      }
      await pause(tries, signal);
    }
  }

  /**
   * The events of a subscription, also after the connection was lost and came back.
   *
   * Leave the loop or abort `signal` to end it. Throws `RequestFailed`, and `ConnectionLost` when
   * coming back would not help.
   */
  async *watch<Data, Variables>(
    operation: Operation<"subscription", Data, Variables>,
    variables: NoInfer<Variables>,
    { resume, signal }: WatchOptions<Data, Variables> = {},
  ): AsyncGenerator<Data> {
    let asked = variables;
    for (let failures = 0; !signal?.aborted; await pause(++failures, signal)) {
      try {
        const socket = await this.#connected();
        for await (const event of socket.subscribe(payloadOf(operation, asked), signal)) {
          failures = 0;
          yield event as Data;
          asked = { ...asked, ...resume?.(event as Data) };
        }
        return;
      } catch (error) {
        if (!passes(error)) throw error;
      }
    }
  }

  async #post(body: string, signal?: AbortSignal): Promise<unknown> {
    const late = AbortSignal.timeout(REQUEST_MILLISECONDS_MAX);
    const either = signal ? AbortSignal.any([signal, late]) : late;
    const headers = { ...HEADERS, ...(await this.#credentials()) };
    let status: number, text: string;
    try {
      const response = await fetch(this.#url, { method: "POST", headers, body, signal: either });
      [status, text] = [response.status, await response.text()];
    } catch (error) {
      signal?.throwIfAborted();
      throw new ConnectionLost(`no answer: ${error}`);
    }
    return answerOf(status, text);
  }

  async #credentials(): Promise<{ authorization?: string }> {
    const token = await this.#token();
    return token ? { authorization: `Bearer ${token}` } : {};
  }

  /** The one socket; a new one if there is none, or it has ended. */
  #connected(): Promise<Socket> {
    this.#opening ??= this.#open();
    return this.#opening;
  }

  async #open(): Promise<Socket> {
    try {
      const url = this.#url.replace(/^http/, "ws");
      const socket = new Socket(url, await this.#credentials(), () => {
        if (this.#socket === socket) this.#opening = this.#socket = undefined;
      });
      return (this.#socket = socket);
    } catch (error) {
      this.#opening = undefined;
      throw error;
    }
  }
}

function payloadOf<Data, Variables>(
  operation: Operation<"query" | "mutation" | "subscription", Data, Variables>,
  variables: Variables,
): Payload {
  return { query: operation.text, operationName: operation.name, variables };
}

function isRepeatable(kind: string, variables: unknown): boolean {
  return kind === "query" || Boolean((variables as { idempotencyKey?: string }).idempotencyKey);
}

function answerOf(status: number, text: string): unknown {
  const body = read(text);
  if (body?.data && !body.errors) return body.data;
  const unread = { message: text.slice(0, 200), extensions: { code: `HTTP_${status}` } };
  throw new RequestFailed(body?.errors ?? [unread], PASSING_STATUSES.includes(status));
}

/** The JSON; nothing for the page of something that stands before Berth. */
function read(text: string): { data?: unknown; errors?: GraphQLError[] } | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Longer after each failure, and not as long for everybody, so that not all come back at once. */
function pause(failures: number, signal?: AbortSignal): Promise<void> {
  const longest = Math.min(PAUSE_MILLISECONDS * 2 ** (failures - 1), PAUSE_MILLISECONDS_MAX);
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, longest * (0.5 + Math.random() / 2));
    signal?.addEventListener("abort", done);
  });
}
