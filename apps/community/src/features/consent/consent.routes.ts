import {
  type ConsentRecord,
  consentDeskEndpoints,
  consentNoticeEndpoints,
  residentConsentEndpoints,
} from "@menshen/wire";
import type { Router } from "../../http/router.ts";
import type { ConsentServices } from "./make-consents.ts";

const holder = ({ personId }: ConsentRecord) => [personId];
const holders = ({ items }: { readonly items: readonly { readonly personId: string }[] }) => [
  ...new Set(items.map(({ personId }) => personId)),
];

export function consentRoutes(router: Router, services: ConsentServices): void {
  const { notices, consents, enrolment, exports } = services;
  router.open(consentNoticeEndpoints.published, async () => ({ items: [...(await notices.published())] }));
  router.open(consentNoticeEndpoints.receiptKey, async () => ({ key: await services.receiptKey() }));
  router.staff(consentNoticeEndpoints.drafts, async ({ actor }) => ({
    items: [...(await notices.drafts(actor))],
  }));
  router.staff(consentNoticeEndpoints.draft, ({ author, body }) =>
    notices.draft(author, body.draft, body.seriesId),
  );
  router.staff(consentNoticeEndpoints.redraft, ({ author, params, body }) =>
    notices.redraft(author, params.id, body.draft, body.revision),
  );
  router.staff(consentNoticeEndpoints.discard, async ({ author, params }) => {
    await notices.discard(author, params.id);
    return null;
  });
  router.staff(consentNoticeEndpoints.publish, ({ author, params, body }) =>
    notices.publish(author, params.id, body.revision),
  );

  router.resident(residentConsentEndpoints.list, async ({ resident: { personId } }) => {
    const { contact, guardianUntil } = await enrolment.ofResident(personId);
    return {
      notices: (await notices.published()).filter(({ current }) => current),
      records: [...(await consents.records(personId))],
      wards: [...(await consents.wards(personId))],
      ...(guardianUntil === undefined ? {} : { guardianUntil }),
      ...(contact === undefined ? {} : { contact }),
    };
  });
  router.resident(residentConsentEndpoints.give, ({ resident, body }) => consents.give(resident, body));
  router.resident(residentConsentEndpoints.withdraw, ({ resident, params, body }) =>
    consents.withdraw(resident, params.id, body.signature),
  );
  router.resident(residentConsentEndpoints.export, ({ resident }) => exports.ofResident(resident.personId));
  router.resident(residentConsentEndpoints.setContact, async ({ resident, body }) => {
    await enrolment.setOwn(resident, body);
    return null;
  });
  router.resident(residentConsentEndpoints.removeContact, async ({ resident }) => {
    await enrolment.removeOwn(resident);
    return null;
  });

  router.personal(
    consentDeskEndpoints.list,
    async ({ actor, params }) => ({ items: [...(await consents.list(actor, params.id))] }),
    holders,
  );
  router.personal(
    consentDeskEndpoints.enterPaper,
    ({ author, params, body }) => consents.enterPaper(author, params.id, body),
    holder,
  );
  router.personal(
    consentDeskEndpoints.waiting,
    async ({ actor }) => ({ items: [...(await consents.waiting(actor))] }),
    holders,
  );
  router.personal(
    consentDeskEndpoints.confirm,
    ({ author, params }) => consents.confirm(author, params.id),
    holder,
  );
  router.personal(
    consentDeskEndpoints.withdraw,
    ({ author, params }) => consents.withdrawAtDesk(author, params.id),
    holder,
  );
  router.personal(
    consentDeskEndpoints.export,
    ({ actor, params }) => exports.ofPerson(actor, params.id),
    ({ personId }) => [personId],
  );
  router.personal(
    consentDeskEndpoints.enrolment,
    async ({ actor, params }) => ({ personId: params.id, ...(await enrolment.read(actor, params.id)) }),
    ({ personId }) => [personId],
  );
  router.staff(consentDeskEndpoints.setContact, async ({ author, params, body }) => {
    await enrolment.set(author, params.id, body);
    return null;
  });
  router.staff(consentDeskEndpoints.removeContact, async ({ author, params }) => {
    await enrolment.remove(author, params.id);
    return null;
  });
  router.staff(consentDeskEndpoints.verify, async ({ author, params, body }) => {
    await enrolment.verify(author, params.id, body.issuer);
    return null;
  });
  router.staff(consentDeskEndpoints.setGuardian, async ({ author, params, body }) => {
    await enrolment.setGuardian(author, params.id, body.until);
    return null;
  });
}
