// RE2, in a bundle of its own. It is loaded for the first pattern, and never otherwise.
export { RE2JS } from "re2js";
