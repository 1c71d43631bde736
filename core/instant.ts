// date, time, seconds, offset. The API declares no format for its dates, so this is ISO 8601 as databases write it.
const ISO_8601 = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(:\d{2}(?:\.\d+)?)?(Z|[+-]\d{2}(?::?\d{2})?)?)?$/i;

/**
 * Parses an ISO 8601 date and time into milliseconds since the epoch; without an offset it is UTC. Returns `undefined`
 * for everything else, also for days that do not exist: `Date` would turn 30 February into 1 March.
 */
export function parseInstant(text: string): number | undefined {
  const match = ISO_8601.exec(text);
  if (!match) return undefined;
  const [, day = "", time = "00:00", seconds = ":00", offset = "Z"] = match;
  const midnight = Date.parse(`${day}T00:00:00Z`);
  if (Number.isNaN(midnight) || !new Date(midnight).toISOString().startsWith(day)) return undefined;
  const instant = Date.parse(`${day}T${time}${seconds}${normalizeOffset(offset)}`);
  return Number.isNaN(instant) ? undefined : instant;
}

// `Date` reads "+02:00" only; PostgreSQL writes "+00", others "+0200".
function normalizeOffset(offset: string): string {
  if (offset.length === 3) return `${offset}:00`;
  if (offset.length === 5) return `${offset.slice(0, 3)}:${offset.slice(3)}`;
  return offset.toUpperCase();
}
