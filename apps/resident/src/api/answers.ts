import {
  complaintEndpoints,
  type Look,
  type NamingNotice,
  namingEndpoints,
  type ResidentMe,
  type ResidentPlaces,
  type ResidentReceipt,
  residentEndpoints,
} from "@menshen/wire";
import { useCallback } from "react";
import { call } from "./client.ts";
import { type Answer, useAnswer } from "./use-answer.ts";

const askMe = () => call(residentEndpoints.me, {});
const askPlaces = () => call(residentEndpoints.places, {});
const askReceipts = async () => (await call(residentEndpoints.receiptsDue, {})).items;
const askAnswered = async () =>
  (await call(complaintEndpoints.own, {})).items
    .filter(({ state }) => state === "answered")
    .map(({ id }) => ({ id }));
const askNamingNotices = async () => (await call(namingEndpoints.notices, {})).items;

/** Who this is, as the server has them. @param isSteady as for {@link useAnswer} */
export function useMe(isSteady = false): Answer<ResidentMe> {
  return useAnswer("me", askMe, isSteady);
}

/** Names of doors. */
export function usePlaces(): Answer<ResidentPlaces> {
  return useAnswer("places", askPlaces, true);
}

/** What the desk says it handed over, and nobody signed for. */
export function useReceipts(): Answer<readonly ResidentReceipt[]> {
  return useAnswer("receipts", askReceipts);
}

/** Complaints of one's own that were answered: whether the answer will do is for their writer to say. */
export function useAnsweredComplaints(): Answer<readonly { readonly id: string }[]> {
  return useAnswer("answered-complaints", askAnswered);
}

/** Decisions by which the duty desk sees who passed, now or soon. */
export function useNamingNotices(): Answer<readonly NamingNotice[]> {
  return useAnswer("naming", askNamingNotices);
}

/** Who looked at one's data, newest first. */
export function useLooks(): Answer<readonly Look[]> {
  const ask = useCallback(async () => {
    const { personId } = await askMe();
    return (await call(residentEndpoints.looks, { params: { id: personId } })).items;
  }, []);
  return useAnswer("looks", ask);
}
