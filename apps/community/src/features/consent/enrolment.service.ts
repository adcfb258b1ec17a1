import { containsIdentityNumber, DomainError, parseLocalDate } from "@menshen/domain";
import type { Contact, Enrolment } from "@menshen/wire";
import { type Actor, authorise, type StaffAuthor } from "../../authority/authorise.ts";
import type { SignedInResident } from "../../authority/signed-in-resident.ts";
import type { ChangeAuthor, ChangeRunner, ChangeScope } from "../../change-record/change-scope.ts";
import type { Clock } from "../../clock.ts";
import type { Database, Reader } from "../../database/database.ts";
import { found, optional } from "../../database/records.ts";
import { refusal } from "../../errors.ts";
import type { PersonKeys } from "../../keys/person-keys.ts";
import type { ConsentListener } from "./changed.ts";
import type { ConsentsService } from "./consents.service.ts";
import { lockPerson } from "./consents.store.ts";
import {
  deleteContact,
  deleteGrownUp,
  replaceGuardianNeed,
  selectContactsRunOut,
  selectEnrolment,
  upsertCheck,
  upsertContact,
} from "./enrolment.store.ts";
import { localDateAt } from "./local-day.ts";

const ASKED = { actor: undefined, reason: { code: "resident-request" } } as const;
const ROUTINE = { actor: undefined, reason: { code: "routine" } } as const;
const CONTACT: Readonly<Record<Contact["kind"], RegExp>> = {
  phone: /^\+?[\d][\d \-()]{4,30}$/,
  email: /^[^\s@]+@[^\s@]+\.[^\s@]+$/,
};

/** Deletes the contact of whoever no longer agrees to it being kept. */
export const forgetContact: ConsentListener = async (scope, { what, personId, purpose }) => {
  if (what === "withdrawn" && purpose === "service-contact") await removeContact(scope, personId);
};

/** What is kept of somebody beside name and home: one contact if they agree, that they were checked, who signs for a child. */
export function makeEnrolmentService(dependencies: {
  readonly db: Database;
  readonly clock: Clock;
  readonly change: ChangeRunner;
  readonly personKeys: PersonKeys;
  readonly timeZone: string;
  readonly inForce: ConsentsService["inForce"];
}) {
  const { db, clock, change, personKeys, timeZone, inForce } = dependencies;

  async function read(reader: Reader, personId: string): Promise<Enrolment> {
    const stored = found(await selectEnrolment(reader, personId), "person");
    const { issuer, checkedAt } = stored;
    const until = stored.guardianUntil ?? "";
    return {
      ...optional("contact", stored.contact === null ? undefined : opened(stored.contact, personId)),
      ...(issuer === null || checkedAt === null ? {} : { verified: { issuer, at: checkedAt } }),
      ...(until > localDateAt(timeZone, clock.now()) ? { guardianUntil: until } : {}),
    };
  }

  function opened(sealed: Uint8Array, personId: string): Contact | undefined {
    const contact = personKeys.open(personId, sealed, "contact");
    if (contact === undefined) return undefined;
    const [kind, ...value] = new TextDecoder().decode(contact).split("\n");
    return kind === "phone" || kind === "email" ? { kind, value: value.join("\n") } : undefined;
  }

  async function setContact(author: ChangeAuthor, personId: string, contact: Contact): Promise<void> {
    const value = contact.value.trim();
    if (containsIdentityNumber(value) || !CONTACT[contact.kind].test(value)) {
      throw refusal("invalid-request", "one telephone number or e-mail address, and no identity number", {
        fields: [{ path: "body/value", message: "expected a telephone number or an e-mail address" }],
      });
    }
    await change(author, async ({ trx, at, record }) => {
      if (!(await lockPerson(trx, personId))) throw refusal("not-found", "no such person");
      if ((await inForce(personId, "service-contact", { reader: trx })) === undefined) {
        throw refusal("conflict", "a contact is kept only while its owner agrees to it: ask first");
      }
      const text = new TextEncoder().encode(`${contact.kind}\n${value}`);
      await upsertContact(trx, personId, personKeys.seal(personId, text, "contact"), at);
      await record({ action: "person.contact-set", entity: "person", entityId: personId, after: {} });
    });
  }

  return {
    ofResident: (personId: string): Promise<Enrolment> => read(db, personId),

    async read(actor: Actor, personId: string): Promise<Enrolment> {
      authorise(actor, "consents.keep");
      return read(db, personId);
    },

    /** Throws `conflict` without a consent in force, `invalid-request` for what is no contact. */
    setOwn: ({ personId }: SignedInResident, contact: Contact): Promise<void> =>
      setContact(ASKED, personId, contact),

    async set(author: StaffAuthor, personId: string, contact: Contact): Promise<void> {
      authorise(author.actor, "consents.keep");
      await setContact(author, personId, contact);
    },

    async removeOwn({ personId }: SignedInResident): Promise<void> {
      await change(ASKED, (scope) => removeContact(scope, personId));
    },

    async remove(author: StaffAuthor, personId: string): Promise<void> {
      authorise(author.actor, "consents.keep");
      await change(author, (scope) => removeContact(scope, personId));
    },

    /** Result, issuer and time, and nothing else. Throws `invalid-request` for an issuer that is a number of somebody. */
    async verify(author: StaffAuthor, personId: string, issuer: string): Promise<void> {
      authorise(author.actor, "consents.keep");
      if (issuer.trim() === "" || containsIdentityNumber(issuer)) {
        throw refusal("invalid-request", "say who checked it; no identity number is kept", {
          fields: [{ path: "body/issuer", message: "expected the name of who checked" }],
        });
      }
      await change(author, async ({ trx, at, record }) => {
        if (!(await lockPerson(trx, personId))) throw refusal("not-found", "no such person");
        await upsertCheck(trx, personId, issuer.trim(), at);
        await record({ action: "person.verified", entity: "person", entityId: personId, after: {} });
      });
    },

    /** Throws `invalid-request` for a date that is none, is over, or lies more than 14 years ahead. */
    async setGuardian(author: StaffAuthor, personId: string, until: string | undefined): Promise<void> {
      authorise(author.actor, "consents.keep");
      if (until !== undefined && !isAhead(until)) {
        throw refusal("invalid-request", "the child's 14th birthday lies ahead, within 14 years", {
          fields: [{ path: "body/until", message: "expected a date of the coming 14 years" }],
        });
      }
      await change(author, async ({ trx, record }) => {
        if (!(await lockPerson(trx, personId))) throw refusal("not-found", "no such person");
        await replaceGuardianNeed(trx, personId, until);
        // The day itself is as good as a birthday: the record of changes does not keep it.
        await record({ action: "person.guardian-need-set", entity: "person", entityId: personId, after: {} });
      });
    },

    async tidy(): Promise<void> {
      await deleteGrownUp(db, localDateAt(timeZone, clock.now()));
      // A consent that ran out deletes what it was for; a withdrawal did so at once.
      for (const personId of await selectContactsRunOut(db, clock.now())) {
        await change(ROUTINE, (scope) => removeContact(scope, personId));
      }
    },
  };

  function isAhead(date: string): boolean {
    try {
      parseLocalDate(date);
    } catch (fault) {
      if (fault instanceof DomainError) return false;
      throw fault;
    }
    const today = localDateAt(timeZone, clock.now());
    const latest = `${Number(today.slice(0, 4)) + 14}${today.slice(4)}`;
    return date > today && date <= latest;
  }
}

async function removeContact({ trx, record }: ChangeScope, personId: string): Promise<void> {
  if (!(await deleteContact(trx, personId))) return;
  await record({ action: "person.contact-removed", entity: "person", entityId: personId, before: {} });
}
