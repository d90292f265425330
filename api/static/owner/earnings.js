// What ended stays came to, line by line, in integers of the currency's minor unit.

/** Sums by currency and line: `[{ currency, stays, amountMinor, lines: [{ name, kind, count, amountMinor }] }]`. */
export function earningsOf(sessions) {
  const byCurrency = new Map();
  for (const { amount, lines } of sessions) {
    if (!amount) continue;
    const found = byCurrency.get(amount.currency) ?? { currency: amount.currency, stays: 0, amountMinor: 0, lines: new Map() };
    byCurrency.set(amount.currency, found);
    found.stays += 1;
    found.amountMinor += amount.amountMinor;
    for (const { kind, name, lineId, amountMinor } of lines) {
      const key = `${kind} ${lineId} ${name}`;
      const line = found.lines.get(key) ?? { kind, name, count: 0, amountMinor: 0 };
      found.lines.set(key, line);
      line.count += 1;
      line.amountMinor += amountMinor;
    }
  }
  return [...byCurrency.values()].map((each) => ({
    ...each,
    lines: [...each.lines.values()].filter((line) => line.amountMinor !== 0).sort((a, b) => b.amountMinor - a.amountMinor),
  }));
}
