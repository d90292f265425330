// What can go wrong, and which of it passes by itself.

export type GraphQLError = {
  message: string;
  path?: Array<string | number>;
  extensions?: { code?: string; [name: string]: unknown };
};

/** `errors[]`: the request was not understood or not allowed, or something broke over there. */
export class RequestFailed extends Error {
  override name = "RequestFailed";
  /** Stable, for programs, such as `UNAUTHENTICATED`. */
  readonly code: string;
  readonly errors: GraphQLError[];
  /** Whether the same request may go well a little later. */
  readonly passes: boolean;

  constructor(errors: GraphQLError[], passes = false) {
    const [first] = errors;
    const code = first?.extensions?.code ?? "ERROR";
    super(`${code}: ${first?.message ?? "the request failed"}`);
    this.code = code;
    this.errors = errors;
    this.passes = passes || code === "UNAVAILABLE";
  }
}

/** Nothing came back, or the socket was closed; nobody knows whether a change was made. */
export class ConnectionLost extends Error {
  override name = "ConnectionLost";
  readonly passes: boolean;

  constructor(message: string, passes = true) {
    super(message);
    this.passes = passes;
  }
}

/** What every refusal has. */
export type Refusal = { __typename: string; code: string; message: string };

/** A refusal that the caller did not want to act on; see `wanted`. */
export class Refused extends Error {
  override name = "Refused";
  readonly code: string;
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(`${refusal.code}: ${refusal.message}`);
    this.code = refusal.code;
    this.refusal = refusal;
  }
}

/**
 * The answer, if it is of that type; else it throws `Refused`.
 *
 * Refusals are data: where you can act on one (`WindowTaken`: offer another space), look at
 * `__typename` first. Later versions of the schema may refuse for further reasons; each has a
 * `code` and a `message`.
 */
export function wanted<Answer extends { __typename: string }, Name extends Answer["__typename"]>(
  answer: Answer,
  name: Name,
): Answer & { __typename: Name } {
  if (answer.__typename === name) return answer as Answer & { __typename: Name };
  throw new Refused({ code: "UNEXPECTED", message: "an answer of another type", ...answer });
}

export function passes(error: unknown): boolean {
  return (error instanceof RequestFailed || error instanceof ConnectionLost) && error.passes;
}
