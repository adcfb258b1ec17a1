import { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { type ConnectionOptions, connect, type DetailedPeerCertificate, type TLSSocket } from "node:tls";
import type { TimeInterval } from "@menshen/domain";
import { certificateToPem, isIssuedBy } from "@menshen/trust";
import { GateError } from "../errors.ts";

/** RFC 5280 §4.2.1.12: id-kp-serverAuth. */
const SERVER_AUTHENTICATION = "1.3.6.1.5.5.7.3.1";

/** A TLS 1.3 connection whose server was checked before a byte was sent to it. */
export interface VerifiedSocket {
  readonly socket: TLSSocket;
  /** DER of the authority that issued the server's certificate. */
  readonly ca: Uint8Array;
}

export interface VerifiedSocketOptions {
  readonly host: string;
  readonly port: number;
  /** The pinned authority, or before enrolment a check of the one that the server sends. */
  readonly trust: { readonly ca: Uint8Array } | { readonly vouches: (ca: Uint8Array) => boolean };
  /** DER certificate and PEM key of this gate. */
  readonly client?: { readonly certificate: Uint8Array; readonly keyPem: string };
  readonly now: TimeInterval;
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 15_000;
/** Certificates of a chain that are looked at. */
const MAX_CHAIN = 4;

/**
 * Connects and checks the server here rather than in OpenSSL, which would compare dates with the system clock: a gate
 * whose clock is a year off must still reach the server that tells it the time. Checked are the pinned authority's
 * signature, the name, the purpose, and the dates against what the gate knows of the time.
 *
 * @throws {GateError} `link-failed` if the server does not answer or is not the community's
 */
export async function connectVerified(options: VerifiedSocketOptions): Promise<VerifiedSocket> {
  const socket = await handshake(options);
  try {
    const ca = await checkServer(socket, options);
    return { socket, ca };
  } catch (fault) {
    socket.destroy();
    throw fault;
  }
}

function handshake({
  host,
  port,
  client,
  timeoutMs = TIMEOUT_MS,
}: VerifiedSocketOptions): Promise<TLSSocket> {
  const settings: ConnectionOptions = {
    host,
    port,
    minVersion: "TLSv1.3",
    // Checked by `checkServer` before anything is sent.
    rejectUnauthorized: false,
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(client === undefined ? {} : { cert: certificateToPem(client.certificate), key: client.keyPem }),
  };
  return new Promise((resolve, reject) => {
    const socket = connect(settings);
    const fail = (cause: unknown): void => {
      socket.destroy();
      reject(new GateError("link-failed", `expected a TLS 1.3 server at \`${host}:${port}\``, { cause }));
    };
    socket.setTimeout(timeoutMs, () => fail(new Error("no answer in time")));
    socket.once("error", fail);
    socket.once("secureConnect", () => {
      socket.setTimeout(0);
      socket.removeListener("error", fail);
      // Errors of the quiet moment until a user takes over must not end the process.
      socket.on("error", () => socket.destroy());
      resolve(socket);
    });
  });
}

async function checkServer(
  socket: TLSSocket,
  { host, trust, now }: VerifiedSocketOptions,
): Promise<Uint8Array> {
  const chain = sentChain(socket);
  const [leafDer] = chain;
  if (leafDer === undefined) throw refused("expected a certificate from the server");
  const leaf = new X509Certificate(leafDer);
  const ca = "ca" in trust ? trust.ca : chain.find((certificate) => trust.vouches(certificate));
  if (ca === undefined || !new X509Certificate(ca).ca) {
    throw refused("expected the authority that the enrolment code vouches for");
  }
  if (!(await isIssuedBy(new Uint8Array(leaf.raw), ca))) {
    throw refused("expected a certificate of the community's authority");
  }
  if (leaf.ca || !leaf.keyUsage?.includes(SERVER_AUTHENTICATION)) {
    throw refused("expected a certificate for a server");
  }
  const named = isIP(host) === 0 ? leaf.checkHost(host) : leaf.checkIP(host);
  if (named === undefined) throw refused(`expected a certificate for \`${host}\``);
  if (leaf.validFromDate.getTime() > now.latest || leaf.validToDate.getTime() < now.earliest) {
    throw refused("expected a certificate valid now");
  }
  return ca;
}

/** DER of the certificates that the server sent, its own first. */
function sentChain(socket: TLSSocket): readonly Uint8Array[] {
  const chain: Uint8Array[] = [];
  let certificate: DetailedPeerCertificate | undefined = socket.getPeerCertificate(true);
  while (certificate?.raw !== undefined && chain.length < MAX_CHAIN) {
    chain.push(new Uint8Array(certificate.raw));
    // A self-signed one names itself.
    if (certificate.issuerCertificate === certificate) break;
    certificate = certificate.issuerCertificate;
  }
  return chain;
}

function refused(message: string): GateError {
  return new GateError("link-failed", message);
}
