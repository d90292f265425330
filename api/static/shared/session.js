// Who is signed in: the refresh token is a cookie no script can read, the access token lives here.

const RENEW_EARLY_MS = 60_000;

export class Session {
  token = null;
  #timer = null;

  constructor(onRenewed) {
    this.onRenewed = onRenewed;
  }

  /** Gets an access token if this browser is signed in; true when it is. */
  async start() {
    const response = await fetch(new URL("../../auth/refresh", import.meta.url), { method: "POST" }).catch(() => null);
    if (response?.status !== 200) return false;
    const { accessToken, accessExpiresAt } = await response.json();
    this.token = accessToken;
    const wait = Math.max(Date.parse(accessExpiresAt) - Date.now() - RENEW_EARLY_MS, 5_000);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(async () => (await this.start()) && this.onRenewed(), wait);
    return true;
  }

  async signOut() {
    clearTimeout(this.#timer);
    this.token = null;
    await fetch(new URL("../../auth/signout", import.meta.url), { method: "POST" });
  }
}
