import type { TLSSocket } from "node:tls";
import { equalBytes } from "@menshen/crypto/node";
import type { GateId } from "@menshen/domain";
import { isIssuedBy, publicKeySha256, readCertificate, TrustError } from "@menshen/trust";
import type { SitePeer } from "@menshen/wire";

/**
 * Which of the peers stands at the other end of a TLS connection; undefined for anybody else. Counted are the community's
 * authority, the name, and the very key that the door rules name. The certificate's dates are not: gates must go on
 * agreeing when no server was there to renew them, and a gate that was taken out is no longer among the peers.
 */
export async function peerOf(
  socket: Pick<TLSSocket, "getPeerX509Certificate">,
  ca: Uint8Array,
  peers: readonly SitePeer[],
): Promise<GateId | undefined> {
  const raw = socket.getPeerX509Certificate()?.raw;
  if (raw === undefined) return undefined;
  try {
    const der = new Uint8Array(raw);
    const { commonName, publicKey } = readCertificate(der);
    const peer = peers.find(({ gateId }) => gateId === commonName);
    if (peer === undefined || !equalBytes(publicKeySha256(publicKey), peer.keySha256)) return undefined;
    return (await isIssuedBy(der, ca)) ? peer.gateId : undefined;
  } catch (fault) {
    if (fault instanceof TrustError) return undefined;
    throw fault;
  }
}
