// Runs on the receipt: what was typed has arrived, so nothing of it stays in the browser.
import { forgetDrafts } from "./_draft.js";

forgetDrafts();
