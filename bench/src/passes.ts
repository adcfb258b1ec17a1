import {
  credentialKeyOf,
  makePassMemory,
  makePkocCard,
  openInProcessChannel,
  orderVisitToken,
  preparePhonePass,
  prepareVisitorPass,
  readPassText,
  readPkocCard,
  tokenKeyId,
  verifyPhonePass,
  verifyVisitorPass,
  verifyVisitToken,
  writePassText,
} from "@menshen/credentials";
import * as primitives from "@menshen/crypto/node";
import { CommunityId, Instant, PortalId, TimeInterval } from "@menshen/domain";
import { contender, percentile, ratesSideBySide } from "./measure.ts";
import { type Result, rounded } from "./result.ts";

const COMMUNITY = CommunityId("3b9f1c52-5f0e-4c1b-9a63-2f8f2f9f0a11");
const DOOR = PortalId("0197a1b2-0000-7000-8000-0000000000e1");
const NOW = Instant(Date.UTC(2026, 4, 13, 4));
const PHONES = 500;
const TAPS = 500;
const WARM_UP = 100;
const TARGET_PER_S = 1_000;

const now = TimeInterval(NOW, NOW);
const common = { primitives, communityId: COMMUNITY, now };

/** What a gate does with a code that its camera read: text to outcome, every signature of its own, none seen before. */
export async function benchPasses(): Promise<Result[]> {
  const [phones, visitors, tokens] = await ratesSideBySide([phonePasses(), visitorPasses(), visitTokens()]);
  const note = "text of a QR code to outcome on one core: base45, CBOR, signature, time, memory";
  return [
    rate("passes.phone_per_s", phones, `${note}; ES256, ${PHONES} phones`),
    rate("passes.visitor_per_s", visitors, `${note}; EdDSA, weekday and hours`),
    rate("passes.token_per_s", tokens, `${note}; RSA-2048 (RFC 9474)`),
    ...(await pkocTaps()),
  ];
}

function rate(id: string, value: number | undefined, note: string): Result {
  return {
    id,
    value: rounded(value ?? Number.NaN),
    unit: "1/s of processor time",
    better: "higher",
    target: TARGET_PER_S,
    note,
  };
}

/** A pass takes its place in the memory, so each call gets a fresh one. */
function freshMemory() {
  return makePassMemory(Instant(0));
}

function messageOf(text: string): Uint8Array {
  const read = readPassText(text);
  if (read === undefined) throw new Error("the code is none of ours");
  return read.message;
}

function phonePasses() {
  const phones = Array.from({ length: PHONES }, () => primitives.p256Generate());
  const keys = new Map(
    phones.map(({ publicKey }) => [
      primitives.toHex(credentialKeyOf(primitives, "phone", publicKey)),
      publicKey,
    ]),
  );
  const texts = phones.map((phone) => {
    const { toBeSigned, finish } = preparePhonePass({
      primitives,
      communityId: COMMUNITY,
      credentialKey: credentialKeyOf(primitives, "phone", phone.publicKey),
      doorGroup: 2,
      now: NOW,
      nonce: primitives.randomBytes(4),
    });
    return writePassText("phone-pass", finish(primitives.sign(phone, toBeSigned)));
  });
  return contender(texts, (text) => {
    const outcome = verifyPhonePass(messageOf(text), {
      ...common,
      doorGroup: 2,
      publicKeyOf: (key) => keys.get(primitives.toHex(key)),
      memory: freshMemory(),
    });
    if (!outcome.verified) throw new Error(`phone pass: ${outcome.reason}`);
  });
}

function visitorPasses() {
  const communityKey = primitives.ed25519Generate();
  const texts = Array.from({ length: PHONES }, () => {
    const { toBeSigned, finish } = prepareVisitorPass({
      primitives,
      communityId: COMMUNITY,
      alg: "EdDSA",
      terms: {
        passId: primitives.randomBytes(8),
        purpose: "visitor",
        portals: [DOOR],
        notBefore: NOW,
        notAfter: Instant(NOW + 86_400_000),
        weekdays: [3],
        windows: [{ startMinute: 480, endMinute: 1_200 }],
        uses: 2,
      },
    });
    return writePassText("visitor-pass", finish(primitives.sign(communityKey, toBeSigned)));
  });
  return contender(texts, (text) => {
    const outcome = verifyVisitorPass(messageOf(text), {
      ...common,
      portalId: DOOR,
      localTime: () => ({ weekday: 3, minute: 720 }),
      communityKey,
      delegationOf: () => undefined,
      isRevoked: () => false,
      uses: { take: () => true },
    });
    if (!outcome.verified) throw new Error(`visitor's pass: ${outcome.reason}`);
  });
}

function visitTokens() {
  const issuer = primitives.blindRsaGenerate();
  const { publicKey } = issuer;
  const keyId = primitives.toHex(tokenKeyId(primitives, publicKey));
  const key = { publicKey, doorGroup: 2, from: NOW, until: Instant(NOW + 86_400_000) };
  const texts = Array.from({ length: 50 }, () => {
    const order = orderVisitToken({ primitives, communityId: COMMUNITY, publicKey });
    const signature = primitives.blindRsaSign(issuer.secretKey, order.blinded);
    const token = signature === undefined ? undefined : order.finish(signature);
    if (token === undefined) throw new Error("the issuer did not sign");
    return writePassText("visit-token", token);
  });
  return contender(texts, (text) => {
    const outcome = verifyVisitToken(messageOf(text), {
      ...common,
      doorGroup: 2,
      keyOf: (id) => (primitives.toHex(id) === keyId ? key : undefined),
      spent: freshMemory(),
    });
    if (!outcome.verified) throw new Error(`token: ${outcome.reason}`);
  });
}

/** A PKOC card from present to proved, in one process; its own signature stands in `card`. */
async function pkocTaps(): Promise<Result[]> {
  const key = primitives.p256Generate();
  let cardMs = 0;
  const signing = {
    p256Sign(secretKey: Uint8Array, message: Uint8Array) {
      const begin = performance.now();
      const signature = primitives.p256Sign(secretKey, message);
      cardMs = performance.now() - begin;
      return signature;
    },
  };
  const times: number[] = [];
  const cardTimes: number[] = [];
  for (let tap = 0; tap < WARM_UP + TAPS; tap += 1) {
    const channel = openInProcessChannel(makePkocCard({ primitives: signing, key }));
    const begin = performance.now();
    const reading = await readPkocCard(channel, {
      primitives,
      random: primitives.randomBytes,
      readerIdentifier: new Uint8Array(32),
    });
    const total = performance.now() - begin;
    await channel.close();
    if (reading.outcome !== "authentic") throw new Error(`the card was read as ${reading.outcome}`);
    if (tap < WARM_UP) continue;
    times.push(total - cardMs);
    cardTimes.push(cardMs);
  }
  const tail = (values: readonly number[], share: number) =>
    rounded(
      percentile(
        values.toSorted((a, b) => a - b),
        share,
      ),
    );
  return [
    { id: "tap.pkoc.p50_ms", value: tail(times, 0.5), unit: "ms", better: "lower" },
    {
      id: "tap.pkoc.p99_ms",
      value: tail(times, 0.99),
      unit: "ms",
      better: "lower",
      target: 15,
      note: `SE V1 over an in-process channel, from SELECT to the verified signature, without decision and journal; the card's own signature, ${tail(cardTimes, 0.5)} ms, is left out`,
    },
  ];
}
