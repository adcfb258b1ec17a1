import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import type { zhCN as alarmsZhCN } from "../features/alarms/texts/zh-CN.ts";
import type { zhCN as phonesZhCN } from "../features/aliro/texts/zh-CN.ts";
import type { zhCN as cardKeysZhCN } from "../features/card-keys/texts/zh-CN.ts";
import type { zhCN as casesZhCN } from "../features/cases/texts/zh-CN.ts";
import type { zhCN as tuningZhCN } from "../features/cases/tuning/texts/zh-CN.ts";
import type { zhCN as complaintsZhCN } from "../features/complaints/texts/zh-CN.ts";
import type { zhCN as consentZhCN } from "../features/consent/texts/zh-CN.ts";
import type { zhCN as cardsZhCN } from "../features/credentials/texts/zh-CN.ts";
import type { zhCN as custodianZhCN } from "../features/custodian/texts/zh-CN.ts";
import type { zhCN as deletionZhCN } from "../features/deletions/texts/zh-CN.ts";
import type { zhCN as doorRulesZhCN } from "../features/door-rules/texts/zh-CN.ts";
import type { zhCN as readersZhCN } from "../features/doors/reader-texts/zh-CN.ts";
import type { zhCN as evidenceZhCN } from "../features/evidence/texts/zh-CN.ts";
import type { zhCN as floorPlanZhCN } from "../features/floor-plan/texts/zh-CN.ts";
import type { zhCN as guardZhCN } from "../features/guard/texts/zh-CN.ts";
import type { zhCN as incidentsZhCN } from "../features/incidents/texts/zh-CN.ts";
import type { zhCN as installerZhCN } from "../features/installer/texts/zh-CN.ts";
import type { zhCN as lockdownZhCN } from "../features/lockdown/texts/zh-CN.ts";
import type { zhCN as marketZhCN } from "../features/market/texts/zh-CN.ts";
import type { zhCN as messagesZhCN } from "../features/messages/texts/zh-CN.ts";
import type { zhCN as namingZhCN } from "../features/naming/texts/zh-CN.ts";
import type { zhCN as openingsZhCN } from "../features/openings/texts/zh-CN.ts";
import type { zhCN as penaltiesZhCN } from "../features/penalties/texts/zh-CN.ts";
import type { zhCN as endingZhCN } from "../features/people/ending-texts/zh-CN.ts";
import type { zhCN as invitationZhCN } from "../features/people/invitation-texts/zh-CN.ts";
import type { zhCN as visitsZhCN } from "../features/people/visit-texts/zh-CN.ts";
import type { zhCN as presenceZhCN } from "../features/presence/texts/zh-CN.ts";
import type { zhCN as receptionZhCN } from "../features/reception/texts/zh-CN.ts";
import type { zhCN as rolesZhCN } from "../features/roles/texts/zh-CN.ts";
import type { zhCN as passSettingsZhCN } from "../features/settings/pass-texts/zh-CN.ts";
import type { zhCN as retentionZhCN } from "../features/settings/texts/zh-CN.ts";
import type { zhCN as shiftsZhCN } from "../features/shifts/texts/zh-CN.ts";
import type { zhCN as votesZhCN } from "../features/votes/texts/zh-CN.ts";
import type { Language } from "../preferences.tsx";
import { en } from "./en.ts";
import { zhCN } from "./zh-CN.ts";

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "translation";
    resources: {
      translation: typeof zhCN;
      alarms: typeof alarmsZhCN;
      cards: typeof cardsZhCN;
      cardKeys: typeof cardKeysZhCN;
      cases: typeof casesZhCN;
      tuning: typeof tuningZhCN;
      deletion: typeof deletionZhCN;
      complaints: typeof complaintsZhCN;
      consent: typeof consentZhCN;
      doorRules: typeof doorRulesZhCN;
      evidence: typeof evidenceZhCN;
      floorPlan: typeof floorPlanZhCN;
      guard: typeof guardZhCN;
      incidents: typeof incidentsZhCN;
      installer: typeof installerZhCN;
      market: typeof marketZhCN;
      messages: typeof messagesZhCN;
      penalties: typeof penaltiesZhCN;
      lockdown: typeof lockdownZhCN;
      ending: typeof endingZhCN;
      invitation: typeof invitationZhCN;
      naming: typeof namingZhCN;
      openings: typeof openingsZhCN;
      phones: typeof phonesZhCN;
      passSettings: typeof passSettingsZhCN;
      readers: typeof readersZhCN;
      presence: typeof presenceZhCN;
      reception: typeof receptionZhCN;
      retention: typeof retentionZhCN;
      roles: typeof rolesZhCN;
      shifts: typeof shiftsZhCN;
      visits: typeof visitsZhCN;
      votes: typeof votesZhCN;
      custodian: typeof custodianZhCN;
    };
  }
}

/** Starts the texts in the language given; a key without a text is a type error, not a run-time surprise. */
export async function startTexts(language: Language): Promise<void> {
  await i18next.use(initReactI18next).init({
    lng: language,
    fallbackLng: false,
    resources: { "zh-CN": { translation: zhCN }, en: { translation: en } },
    interpolation: { escapeValue: false },
  });
}
