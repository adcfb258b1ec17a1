import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";

const CONFIG = `[ tsa ]
default_tsa = authority
[ authority ]
serial = ./serial
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ess_cert_id_alg = sha256
[ root ]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
[ signer ]
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
`;

/** A time-stamping authority of RFC 3161 made by OpenSSL, and so of another make than what asks it. */
export interface TestAuthority {
  /** File of its root certificate, PEM. */
  readonly root: string;
  readonly answer: (request: Uint8Array) => Uint8Array;
  /** Answers over HTTP on loopback; stop it with `close`. */
  readonly listen: () => Promise<{ readonly url: string; readonly close: () => Promise<void> }>;
  readonly remove: () => void;
}

export function makeTestAuthority(key: "rsa:2048" | "ec" = "rsa:2048"): TestAuthority {
  const folder = mkdtempSync(join(tmpdir(), "menshen-tsa-"));
  const run = (...args: string[]) => execFileSync("openssl", args, { cwd: folder, stdio: "pipe" });
  writeFileSync(join(folder, "tsa.cnf"), CONFIG);
  writeFileSync(join(folder, "serial"), "01\n");
  const newKey = key === "ec" ? ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"] : [key];
  const root = ["-config", "tsa.cnf", "-extensions", "root", "-subj", "/CN=Test root"];
  writeFileSync(join(folder, "tsa.cnf"), `${CONFIG}[ req ]\ndistinguished_name = dn\n[ dn ]\n`);
  run("req", "-x509", "-newkey", ...newKey, "-nodes", "-keyout", "root.key", "-out", "root.pem", ...root);
  const subject = ["-config", "tsa.cnf", "-subj", "/CN=Test time stamping"];
  run("req", "-new", "-newkey", ...newKey, "-nodes", "-keyout", "tsa.key", "-out", "tsa.csr", ...subject);
  const issue = ["-CA", "root.pem", "-CAkey", "root.key", "-CAcreateserial", "-days", "30"];
  run(
    "x509",
    "-req",
    "-in",
    "tsa.csr",
    ...issue,
    "-extfile",
    "tsa.cnf",
    "-extensions",
    "signer",
    "-out",
    "tsa.pem",
  );

  function answer(request: Uint8Array): Uint8Array {
    writeFileSync(join(folder, "request.tsq"), request);
    const signer = ["-signer", "tsa.pem", "-inkey", "tsa.key", "-chain", "root.pem"];
    run("ts", "-reply", "-config", "tsa.cnf", "-queryfile", "request.tsq", ...signer, "-out", "answer.tsr");
    return Uint8Array.from(readFileSync(join(folder, "answer.tsr")));
  }

  return {
    root: join(folder, "root.pem"),
    answer,
    async listen() {
      const server = createServer((request, response) => {
        const chunks: Buffer[] = [];
        request.on("data", (chunk: Buffer) => chunks.push(chunk));
        request.on("end", () => {
          response.writeHead(200, { "content-type": "application/timestamp-reply" });
          response.end(answer(Buffer.concat(chunks)));
        });
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const address = server.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      return {
        url: `http://127.0.0.1:${port}/`,
        close: () => new Promise<void>((resolve) => server.close(() => resolve())),
      };
    },
    remove: () => rmSync(folder, { recursive: true }),
  };
}
