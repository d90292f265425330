// What every page for who is signed in does alike: language, light or dark, sign-in, problems.

import { query } from "./client.js";
import { at } from "./elements.js";
import { addWords, language, says, setLanguage, t, translate } from "./language.js";
import { Session } from "./session.js";
import { followTheme } from "./theme.js";

addWords({
  en: {
    language: "中文", languageName: "Switch to Chinese", theme: "Light or dark", signIn: "Sign in", signOut: "Sign out", close: "Close",
    live: "Live", connecting: "Connecting…", offline: "Not live", failed: "That did not work: {reason}", never: "–",
    dashboard: "Live occupancy", toWallet: "Wallet", toSpaces: "My spaces", toVehicles: "My vehicles", toRights: "Parking rights", toOrders: "Orders", toPositions: "Where my car is",
  },
  zh: {
    language: "English", languageName: "切换到英文", theme: "浅色或深色", signIn: "登录", signOut: "退出登录", close: "关闭",
    live: "实时", connecting: "正在连接…", offline: "未实时更新", failed: "操作未成功：{reason}", never: "–",
    dashboard: "实时车位", toWallet: "钱包", toSpaces: "我的车位", toVehicles: "我的车辆", toRights: "停车优惠", toOrders: "订单停车", toPositions: "我的停车位置",
  },
});

export class Shell {
  session = new Session(() => this.onRenewed?.());
  #state = "connecting";

  /** `onShow()` draws all words and data anew. */
  constructor(onShow) {
    this.onShow = onShow;
    this.showState = (state) => {
      this.#state = state;
      this.#showPulse();
    };
    this.fail = (error) => {
      at("problem").hidden = false;
      at("problem-text").textContent = t("failed", { reason: error.message });
    };
  }

  /** Runs an operation as whoever is signed in. */
  ask = (document, variables = {}) => query(document, variables, this.session.token);

  /** Runs a mutation with one root field under a key of its own; a refusal is told, null given. */
  act = async (document, variables = {}) => {
    const [answer] = Object.values(await this.ask(document, { ...variables, key: crypto.randomUUID() }));
    at("problem").hidden = !answer.code;
    if (!answer.code) return answer;
    this.fail(new Error(this.wordsOf(answer)));
    return null;
  };

  /** A refusal in the reader's words, where the page has some for its code. */
  wordsOf = ({ code, message }) => (says(`refusal_${code}`) ? t(`refusal_${code}`, { message }) : message);

  /** Shows one sentence instead of the page. */
  showEmpty = (key) => {
    at("empty").dataset.t = key;
    at("empty").textContent = t(key);
    at("empty").hidden = false;
    at("view").hidden = true;
  };

  /** Whether somebody is signed in; else the page asks for it. */
  async start() {
    followTheme(at("theme"));
    setLanguage(language);
    translate();
    at("language").addEventListener("click", () => {
      setLanguage(language === "en" ? "zh" : "en");
      this.#showPulse();
      translate();
      this.onShow();
    });
    at("problem-close").addEventListener("click", () => (at("problem").hidden = true));
    at("sign-out").addEventListener("click", () => this.session.signOut().then(() => location.reload()));
    at("sign-in").href = `signin?next=${encodeURIComponent(location.pathname + location.search)}`;
    const signedIn = await this.session.start();
    at("sign-in").hidden = signedIn;
    at("sign-out").hidden = !signedIn;
    if (!signedIn) this.showEmpty("signInFirst");
    return signedIn;
  }

  #showPulse() {
    at("pulse").dataset.state = this.#state;
    at("pulse").textContent = t(this.#state);
  }
}
