import { type ConsentPurpose, consentTexts } from "@menshen/domain";
import {
  type ConsentRecord,
  consentNoticeEndpoints,
  type NoticeDraftInput,
  type PublishedNotice,
  residentConsentEndpoints,
} from "@menshen/wire";
import { joinResident } from "../../testing/test-resident.ts";
import type { TestClient, TestServer } from "../../testing/test-server.ts";

const DAY_MS = 86_400_000;
const reason = { code: "resident-request" } as const;

const both = (text: string) => ({ "zh-CN": `${text}（中）`, en: text });

/** Terms that can be published. */
export function goodDraft(at: number, purpose: ConsentPurpose = "service-contact"): NoticeDraftInput {
  return {
    purposes: [purpose],
    controller: { name: "海棠物业", contact: "0571-0000" },
    processor: { name: "海棠物业", contact: "0571-0000" },
    subProcessors: [],
    endsAt: at + 365 * DAY_MS,
    deleteWithinDays: 7,
    revocable: true,
    sublicensable: false,
    texts: {
      why: both("to tell you of water, power and repairs"),
      data: both("one telephone number or e-mail address"),
      method: both("a call or a message"),
      storage: both("on the server in the community's office"),
      necessity: both("it is not needed to live here"),
      effects: both("without it you read notices in the hall"),
      rights: both("see, correct, withdraw, complain"),
    },
  };
}

/** Notices and residents' programs, as those use them who have them. */
export function makeConsentWorld(server: TestServer, communityId: string) {
  async function publish(
    client: TestClient,
    draft: NoticeDraftInput,
    seriesId?: string,
  ): Promise<PublishedNotice> {
    const drafted = await client.call(consentNoticeEndpoints.draft, {
      body: { draft, ...(seriesId === undefined ? {} : { seriesId }) },
    });
    return client.call(consentNoticeEndpoints.publish, {
      params: { id: drafted.id },
      body: { revision: drafted.revision },
      reason,
    });
  }

  /** A resident with the app, signed in. */
  async function joined(staff: TestClient, personId: string) {
    const { client, keys, sign, signOnce } = await joinResident(server, staff, personId);

    /** What the program sends for a notice that it showed. */
    function consentTo({ purpose, sha256 }: Pick<PublishedNotice, "purpose" | "sha256">, childId?: string) {
      const recordId = crypto.randomUUID();
      const subject = childId ?? personId;
      const said = consentTexts.give(communityId, { recordId, subject, purpose, noticeSha256: sha256 });
      return {
        recordId,
        purpose,
        noticeSha256: sha256,
        signature: sign(said),
        ...(childId === undefined ? {} : { childId }),
      };
    }
    return {
      personId,
      client,
      keys,
      sign,
      signOnce,
      consentTo,
      give: (notice: PublishedNotice, childId?: string): Promise<ConsentRecord> =>
        client.call(residentConsentEndpoints.give, { body: consentTo(notice, childId) }),
      withdraw: ({ recordId }: ConsentRecord): Promise<ConsentRecord> =>
        client.call(residentConsentEndpoints.withdraw, {
          params: { id: recordId },
          body: { signature: sign(consentTexts.withdraw(communityId, recordId)) },
        }),
    };
  }
  return { publish, joined };
}
