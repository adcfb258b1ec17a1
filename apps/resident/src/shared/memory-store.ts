import type {
  DeviceOwner,
  DeviceStore,
  HeldPhonePass,
  TokenRecord,
  TrailEntry,
  TrailProgress,
  VisitRecord,
} from "../device/device-store.ts";

/** What a device store does, in memory alone: gone with the page. */
export function makeMemoryStore(): DeviceStore {
  let owner: DeviceOwner | undefined;
  let progress: TrailProgress | undefined;
  let phonePass: HeldPhonePass | undefined;
  let visits: readonly VisitRecord[] = [];
  let tokens: readonly TokenRecord[] = [];
  const entries = new Map<string, TrailEntry>();
  const answers = new Map<string, unknown>();
  return {
    owner: async () => owner,
    keepOwner: async (next) => {
      owner = next;
    },
    dropOwner: async () => {
      owner = undefined;
    },
    progress: async () => progress,
    keepTrail: async (found, next) => {
      for (const entry of found) entries.set(entry.id, entry);
      progress = next ?? progress;
    },
    entries: async () => [...entries.values()].sort((a, b) => b.at - a.at),
    phonePass: async () => phonePass,
    keepPhonePass: async (pass) => {
      phonePass = pass;
    },
    dropPhonePass: async () => {
      phonePass = undefined;
    },
    visits: async () => visits,
    keepVisits: async (next) => {
      visits = next;
    },
    tokens: async () => tokens,
    keepTokens: async (next) => {
      tokens = next;
    },
    remembered: async (name) => answers.get(name),
    remember: async (name, value) => {
      answers.set(name, value);
    },
    close: () => {},
  };
}
