import type { Api } from "@menshen/testkit/system";
import { consentNoticeEndpoints } from "@menshen/wire";

const DESK = { name: "测试物业", contact: "服务台 0571-8888 0000" };
const SAID = { "zh-CN": "写在这里。", en: "Written here." };

/** Publishes the notice by which residents may leave a contact. Returns its hash. */
export async function publishContactNotice(api: Api): Promise<string> {
  const draft = {
    purposes: ["service-contact" as const],
    controller: DESK,
    processor: DESK,
    subProcessors: [],
    deleteWithinDays: 0,
    endsAt: Date.now() + 300 * 86_400_000,
    revocable: true,
    sublicensable: false,
    texts: {
      why: SAID,
      data: SAID,
      method: SAID,
      storage: SAID,
      necessity: SAID,
      effects: SAID,
      rights: SAID,
    },
  };
  const { id, revision } = await api.call(consentNoticeEndpoints.draft, { body: { draft } });
  await api.call(consentNoticeEndpoints.publish, { params: { id }, body: { revision } });
  const { items } = await api.call(consentNoticeEndpoints.published, {});
  const [notice] = items;
  if (notice === undefined) throw new Error("no notice was published");
  return notice.sha256;
}
