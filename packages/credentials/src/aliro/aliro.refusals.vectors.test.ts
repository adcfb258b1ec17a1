import { toHex } from "@menshen/crypto";
import { describe, expect, it } from "vitest";
import type { CardChannel } from "../channel/card-channel.ts";
import { encodeTlv } from "../tlv/ber-tlv.ts";
import { readAliro } from "./aliro-reader.ts";
import {
  credentialKey,
  ephemerals,
  given,
  hex,
  identity,
  primitives,
  transcriptChannel,
  vectorDevice,
  vectors,
} from "./aliro-vectors.testing.ts";
import { checkAccessDocument, documentRefusalStatus } from "./document/verify-document.ts";

const { common, negative } = vectors;
type Case = (typeof negative)[number];
type DeviceCase = Extract<Case, { transcript: unknown }>;
type DocumentCase = Extract<Case, { device_response: string }>;

const named = negative.map((one) => [one.name, one] as const);
const isDevice = (one: readonly [string, Case]): one is readonly [string, DeviceCase] =>
  one[0].startsWith("dev-");
const isDocument = (one: readonly [string, Case]): one is readonly [string, DocumentCase] =>
  one[0].startsWith("doc-");

it("all cases are played", () => {
  expect(negative).toHaveLength(49);
  expect(named.filter(isDevice)).toHaveLength(26);
  expect(named.filter(isDocument)).toHaveLength(10);
});

describe.each(named.filter(isDevice))("%s", (_name, one) => {
  it(`as a device: ${one.what}`, async () => {
    const { device } = vectorDevice(one.reader_group_identifier_key, {
      // The second session of a replay has another ephemeral key; which one does not matter.
      ephemeral: ephemerals(one.device_ephemeral_private, common.reader_private),
    });
    const send = async (command: string) => toHex(await device.transceive(hex(command)));
    for (const step of one.transcript) {
      // The replayed command was right once, which the transcript does not show.
      if (step.name === "EXCHANGE replay") expect(await send(step.command)).toMatch(/9000$/);
      const answer = await send(step.command);
      if (step.reference_device_response.endsWith("9000")) {
        expect(answer).toMatch(/9000$/);
        continue;
      }
      // No data beside the status word: the device's identity is never told.
      expect(answer).toMatch(/^6...$/);
      if (/^6[0-9a-f]{3}/.test(one.expect)) expect(answer).toBe(one.expect.slice(0, 4));
    }
    // Whatever failed has ended the session: what was right before is refused now.
    const last = one.transcript.at(-1);
    if (!last?.name.startsWith("SELECT")) expect(await send(last?.command ?? "")).toMatch(/^6...$/);
  });
});

/** Bytes of AUTH0's answer. */
function auth0Answer(one: Case): string {
  if ("auth0_response" in one && one.auth0_response !== undefined) return one.auth0_response;
  const cryptogram = "cryptogram" in one && one.cryptogram !== undefined ? one.cryptogram : "";
  const point = "device_ephemeral_public" in one ? hex(one.device_ephemeral_public) : new Uint8Array();
  const answer = toHex(encodeTlv(0x86, point));
  return `${answer}${cryptogram === "" ? "" : toHex(encodeTlv(0x9d, hex(cryptogram)))}9000`;
}

/** A device that answers as the case says, and notes what the reader sent. */
function playedDevice(one: Case): CardChannel & { readonly sent: readonly string[] } {
  const sent: string[] = [];
  const selectAnswer = "select_response" in one ? one.select_response : undefined;
  const answers: Readonly<Record<string, string>> = {
    "00a4": selectAnswer ?? `${common.select_response}9000`,
    "8080": auth0Answer(one),
    "8081": "auth1_response" in one && one.auth1_response !== undefined ? one.auth1_response : "6982",
  };
  return {
    kind: "in-process",
    sent,
    async transceive(command) {
      sent.push(toHex(command));
      return hex(answers[toHex(command).slice(0, 4)] ?? "9000");
    },
    close: async () => {},
  };
}

describe.each(named.filter(([name]) => name.startsWith("rdr-")))("%s", (name, one) => {
  it(`as a reader: ${one.what}`, async () => {
    const channel = playedDevice(one);
    const kpersistent = "kpersistent" in one ? one.kpersistent : undefined;
    const reading = await readAliro(channel, {
      primitives,
      identity,
      ephemeral: ephemerals(
        "reader_ephemeral_private" in one ? one.reader_ephemeral_private : common.reader_private,
      ),
      random: given("transaction_id" in one ? hex(one.transaction_id) : new Uint8Array(16)),
      accepts: (publicKey) => toHex(publicKey) === common.credential_public,
      ...(kpersistent === undefined
        ? {}
        : { known: [{ publicKey: credentialKey.publicKey, kpersistent: hex(kpersistent) }] }),
    });
    expect(reading.outcome).toBe("refused");
    const last = channel.sent.at(-1);
    if ("exchange_command" in one && one.exchange_command !== undefined)
      expect(last).toBe(one.exchange_command);
    const controlFlow = /803C0000[0-9A-F]+/.exec(one.expect)?.[0];
    if (controlFlow !== undefined) expect(last?.toUpperCase()).toBe(controlFlow);
    if (name === "rdr-tampered-cryptogram") {
      expect(channel.sent.map((command) => command.slice(0, 4))).toEqual(["00a4", "8080", "8081", "803c"]);
    }
  });
});

/** A Monday in 2026, known to the second; the vectors' documents are in UTC. */
const time = { earliestS: 1_780_300_800, latestS: 1_780_300_800, utcOffsetS: 8 * 3600 };

function checkOf(response: string, element = "door", trusted = common.document_issuer_public) {
  return checkAccessDocument({
    primitives,
    response: hex(response),
    trust: { issuers: [hex(trusted)] },
    time,
    credential: credentialKey.publicKey,
    elementId: element,
    capability: 0x02,
  });
}

it("the document of the vectors is accepted", () => {
  const checked = checkOf(vectors.access_document.device_response);
  expect(checked).toMatchObject({
    accepted: true,
    access: { id: new TextEncoder().encode("RES-0042"), rules: [{ capabilities: 0x0b, allowSchedules: 1 }] },
  });
});

describe.each(named.filter(isDocument))("%s", (_name, one) => {
  it(`as a reader: ${one.what}`, () => {
    const checked = checkOf(one.device_response, one.element, one.trusted_issuer);
    expect(checked.accepted).toBe(false);
    if (checked.accepted) return;
    const status = documentRefusalStatus[checked.reason].toString(16).padStart(4, "0");
    expect(one.expect).toContain(status);
  });
});

it("a transcript that is not followed is noticed", async () => {
  const channel = transcriptChannel([{ command: "00", response: "9000" }]);
  await expect(channel.transceive(hex("01"))).rejects.toThrow("the transcript says 00");
});
