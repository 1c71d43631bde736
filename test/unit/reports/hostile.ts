import { at, waiver } from "../support";
import { type Audit, type Holder, judge } from "./html-fixture";

/** Names that try to be more than text. Each tells when it succeeds, by setting `pwned`. */
export const HOSTILE_NAMES: readonly string[] = [
  `<script>window.pwned=1</script>`,
  `</script><script>window.pwned=1</script>`,
  `<!--<script>window.pwned=1//-->`,
  `"><img src=x onerror="window.pwned=1">`,
  `' onmouseover='window.pwned=1' x='`,
  `</noscript><svg onload=window.pwned=1>`,
  `</style><style>*{display:none!important}</style>`,
  `</title></head><body onload=window.pwned=1>`,
  `javascript:window.pwned=1`,
  `&lt;b&gt; &amp;amp; &#x3c;i&#x3e;`,
  `\${window.pwned=1} {{constructor.constructor('window.pwned=1')()}}`,
  `\\u003cscript\\u003ewindow.pwned=1\\u003c/script\\u003e`,
  `a"}]}; window.pwned=1; //`,
  `url(https://example.com/leak)`,
  `__proto__`,
  `constructor`,
  `hasOwnProperty`,
  `\u202egnp.exe \u2066\u200f`,
  `\u0000\u001b[31mred\u2028\u2029`,
  `مرحبا بالعالم`,
  `שלום (עולם) 123`,
  `👩‍👩‍👧‍👦🏴‍☠️ \ud83d`,
  "W".repeat(3000),
  `${"long ".repeat(300)}`,
  `Z̸͎̈a̷l̵g̶o̷ ${"\u0301".repeat(200)}`,
  ` #q=x&level=y?%00 `,
];

/** An audit in which every text is such a name. */
export function hostileAudit(): Audit {
  const holders = HOSTILE_NAMES.map((name, n): Holder => {
    const others = [1, 7].map((step) => HOSTILE_NAMES[(n + step) % HOSTILE_NAMES.length] ?? "");
    return {
      username: name,
      isServiceAccount: n % 2 === 0,
      isDeprovisioned: "unknown",
      tokens: [
        { id: name, name, description: name, createdTs: at(-200), readOnly: false, tokenType: "read_write" },
        { id: `${name}2`, name: others[0] ?? "", createdTs: name, expireAt: name, readOnly: true, tokenType: name },
        { id: others[1] ?? "", name, createdTs: at(-20), expireAt: at(5), readOnly: true, tokenType: "read_write" },
      ],
    };
  });
  const waivers = HOSTILE_NAMES.map((name) =>
    waiver({
      id: `W ${name}`,
      user: name.replace(/[*?]/g, "?") || "x",
      reason: `because ${name}`,
      owner: name,
      ticket: name,
    }),
  );
  const failures = HOSTILE_NAMES.map((name) => ({ subject: name, message: `It failed: ${name}` }));
  const config = { waivers, owners: { descriptionPattern: "([\\s\\S]*)" } };
  const { header, ...audit } = judge(holders, { config, failures, configFile: HOSTILE_NAMES.join(" ") });
  return { ...audit, header: { ...header, source: { kind: "state", name: HOSTILE_NAMES.join("/") } } };
}
