import { findSegmentFault } from "../../core/path-segment";
import { SettingsError } from "../errors";

const MAX_LENGTH = 255;

/**
 * Checks a username before anything is sent: 1 to 255 characters, not blank, and neither `.` nor `..`, which would change
 * the path of the request.
 *
 * @throws SettingsError that says what was found.
 */
export function checkUsername(username: unknown): string {
  if (typeof username !== "string")
    throw refused(`it is ${username === null ? "null" : typeof username}, not a string`);
  if (username.trim() === "") throw refused("it is empty or blank");
  // By code point, as the API's contract counts.
  const { length } = [...username];
  if (length > MAX_LENGTH) throw refused(`it has ${length} characters, the API allows ${MAX_LENGTH}`);
  const fault = findSegmentFault(username);
  if (fault !== undefined) throw refused(fault);
  return username;
}

function refused(found: string): SettingsError {
  return new SettingsError(
    `username cannot be used: ${found}. Give the name of a user or service account of your MotherDuck organization.`,
  );
}
