// Makes the booking's page live.

import { livePage } from "../shared/live_page.js";
import { BOOKING } from "./queries.js";

livePage({
  letter: "b",
  id: "booking",
  document: BOOKING,
  isNews: (told, drawn) => told.version !== Number(drawn.version) || told.at,
});
