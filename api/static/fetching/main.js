// Makes the page of who is to fetch a car live; lets who is signed in agree to pay, and shows them the code.

import { query } from "../shared/client.js";
import { at } from "../shared/elements.js";
import { money } from "../shared/language.js";
import { livePage, resume } from "../shared/live_page.js";
import { showSigned, signedToken, startSigned } from "../shared/signed_forms.js";
import { FETCHING, WALLETS } from "./queries.js";

const OVER = ["USED", "REVOKED", "EXPIRED", "ENDED"];

/** What lets nobody out any more is not shown for another moment. */
function isNews({ exit }, drawn) {
  if (OVER.includes(exit.state)) at("qr")?.remove();
  const hasCode = exit.hasCode || exit.hasCodeForFetcher;
  return exit.version !== Number(drawn.version) || exit.state !== drawn.state || String(hasCode) !== drawn.code;
}

/** What the wallet holds, before one agrees. */
async function showBalance(token) {
  const told = at("balance");
  if (!told || told.textContent) return;
  const { viewer } = await query(WALLETS, {}, token);
  const wallet = viewer.wallets.find(({ currency }) => currency === told.dataset.currency);
  if (wallet) told.textContent = told.dataset.text.replace("{amount}", money(wallet.available));
}

livePage({ letter: "f", id: "fetching", document: FETCHING, isNews, onDrawn: showSigned, token: signedToken });
if (document.querySelector("main[data-personal]")) startSigned(showBalance, resume);
