// The public GraphQL API, as any frontend uses it: queries over HTTP, subscriptions over
// graphql-transport-ws. Nothing here is private to the dashboard.

const ENDPOINT = new URL("../../graphql", import.meta.url);
const RETRY_MS_MIN = 500;
const RETRY_MS_MAX = 15_000;
const SILENCE_MS_MAX = 45_000;
const PING_MS = 15_000;

export class ApiError extends Error {
  constructor(errors) {
    super(errors.map((error) => error.message).join("; "));
    this.codes = errors.map((error) => error.extensions?.code).filter(Boolean);
  }
}

/** Runs a query and gives its data. Throws ApiError for `errors[]`, TypeError when offline. */
export async function query(document, variables = {}, token = null) {
  const headers = { "content-type": "application/json", accept: "application/graphql-response+json" };
  if (token) headers.authorization = `Bearer ${token}`;
  const body = JSON.stringify({ query: document, variables });
  const response = await fetch(ENDPOINT, { method: "POST", headers, body });
  const answer = await response.json();
  if (answer.errors && !answer.data) throw new ApiError(answer.errors);
  return answer.data;
}

/**
 * One socket that keeps itself open. `onState("live" | "connecting" | "offline")` tells how it is;
 * each subscription is started again after a reconnect with the variables it then returns, so a
 * resumed one asks only for what it missed.
 */
export class Live {
  #socket = null;
  #next = 1;
  #subscriptions = new Map();
  #retryMs = RETRY_MS_MIN;
  #heardAt = 0;
  #timers = new Set();
  #closed = false;

  constructor(token, onState) {
    this.token = token;
    this.onState = onState;
    this.#connect();
    this.#every(PING_MS, () => this.#checkPulse());
    this.wake = () => this.#socket === null && this.#connect();
    addEventListener("online", this.wake);
  }

  /** `variables()` is asked at each (re)start; `onNext(data)` gets each payload. */
  subscribe(document, variables, onNext, onError = () => {}) {
    const id = String(this.#next++);
    this.#subscriptions.set(id, { document, variables, onNext, onError });
    if (this.#socket?.acknowledged) this.#start(id);
    return {
      stop: () => {
        this.#subscriptions.delete(id);
        this.#send({ id, type: "complete" });
      },
    };
  }

  close() {
    this.#closed = true;
    removeEventListener("online", this.wake);
    for (const timer of this.#timers) clearInterval(timer);
    this.#socket?.close(1000);
  }

  #every(ms, work) {
    this.#timers.add(setInterval(work, ms));
  }

  #connect() {
    if (this.#closed) return;
    this.onState("connecting");
    const url = new URL(ENDPOINT);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(url, "graphql-transport-ws");
    this.#socket = socket;
    this.#heardAt = Date.now();
    socket.onopen = () => {
      const payload = this.token ? { authorization: `Bearer ${this.token}` } : {};
      this.#send({ type: "connection_init", payload });
    };
    socket.onmessage = (event) => this.#receive(JSON.parse(event.data));
    socket.onclose = () => this.#lost(socket);
  }

  #receive(message) {
    this.#heardAt = Date.now();
    const subscription = this.#subscriptions.get(message.id);
    switch (message.type) {
      case "connection_ack":
        this.#socket.acknowledged = true;
        this.#retryMs = RETRY_MS_MIN;
        this.onState("live");
        for (const id of this.#subscriptions.keys()) this.#start(id);
        break;
      case "next":
        if (message.payload.errors) subscription?.onError(new ApiError(message.payload.errors));
        else subscription?.onNext(message.payload.data);
        break;
      case "error":
        this.#subscriptions.delete(message.id);
        subscription?.onError(new ApiError(message.payload));
        break;
      case "ping":
        this.#send({ type: "pong" });
        break;
    }
  }

  #start(id) {
    const { document, variables } = this.#subscriptions.get(id);
    this.#send({ id, type: "subscribe", payload: { query: document, variables: variables() } });
  }

  #send(message) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  #checkPulse() {
    if (Date.now() - this.#heardAt > SILENCE_MS_MAX) this.#socket?.close();
    else this.#send({ type: "ping" });
  }

  #lost(socket) {
    if (socket !== this.#socket || this.#closed) return;
    this.#socket = null;
    this.onState("offline");
    // Spread over a range, so that a restarted server is not met by everybody at once.
    setTimeout(this.wake, this.#retryMs * (0.5 + Math.random()));
    this.#retryMs = Math.min(this.#retryMs * 2, RETRY_MS_MAX);
  }
}
