/**
 * Helpers for the unit tests of policy packs: CrossGuard policies judged as the engine judges them, without an engine, and
 * evidence as this package's provider writes it.
 *
 * @packageDocumentation
 */
export {
  type Analysis,
  type AnalysisOptions,
  analyzeResource,
  analyzeStack,
  type NotApplicable,
  type ReportedViolation,
  type TestResource,
} from "./analyze";
export { token, type TokenFields, unknown, type UserEvidenceOptions, userTokens } from "./evidence";
