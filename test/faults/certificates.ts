import { generate } from "selfsigned";

/** What a TLS server needs, in PEM. */
export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

const COMMON = { keyType: "ec", algorithm: "sha256" } as const;

/** A certificate authority that no machine trusts unless it is told to. */
export async function createAuthority(): Promise<Certificate> {
  const { private: key, cert } = await generate([{ name: "commonName", value: "Test CA" }], {
    ...COMMON,
    extensions: [
      { name: "basicConstraints", cA: true, critical: true },
      { name: "keyUsage", keyCertSign: true, critical: true },
    ],
  });
  return { key, cert };
}

/** A server's certificate for a name; signed by itself where no authority is given. */
export async function createCertificate(
  host: string,
  { authority, expired = false }: { authority?: Certificate; expired?: boolean } = {},
): Promise<Certificate> {
  const { private: key, cert } = await generate([{ name: "commonName", value: host }], {
    ...COMMON,
    ...(authority && { ca: authority }),
    ...(expired && { notBeforeDate: new Date("2020-01-01"), notAfterDate: new Date("2020-02-01") }),
    extensions: [{ name: "subjectAltName", altNames: [{ type: 2, value: host }] }],
  });
  return { key, cert };
}
