// The ready pack. This is the only file that starts something when it is loaded.
import { createPolicyPack } from "./create-policy-pack";

createPolicyPack("motherduck-tokens");
