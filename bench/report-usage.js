// Preloaded with `node -r`: writes the process' peak memory at its end.
const { writeFileSync } = require("node:fs");

process.on("exit", () => {
  writeFileSync(process.env.USAGE_FILE, JSON.stringify({ peakMiB: process.resourceUsage().maxRSS / 1024 }));
});
