import {
  FLOOR_PLAN_FAULTS,
  type FloorPlan,
  type FloorPlanFault,
  fillPath,
  floorPlanEndpoints,
  type RemovedPart,
} from "@menshen/wire";
import { useQueryClient } from "@tanstack/react-query";
import { Button } from "antd";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiError } from "../../api/client.ts";
import { problemText } from "../../components/problem-text.ts";
import { isTooBig, isUnknownType, sendFile, type UploadProgress } from "./upload-image.ts";

interface Uploaded {
  readonly plan: FloorPlan;
  readonly removed: readonly RemovedPart[];
}

/** Why an image was not taken; undefined for other refusals. */
function faultOf(error: unknown): FloorPlanFault | undefined {
  if (!(error instanceof ApiError)) return undefined;
  const said = error.problem?.fields?.find(({ path }) => path === "body")?.message;
  return FLOOR_PLAN_FAULTS.find((fault) => fault === said);
}

/** Uploads an image: a new plan by the file's name, or another image for one that is there. */
export function UploadPlan(props: {
  /** Absent: a new plan. */
  plan?: FloorPlan;
  /** What the change is made from. */
  revision?: () => number;
  /** Names in use. */
  taken: readonly string[];
  isPrimary: boolean;
  onDone: (uploaded: Uploaded) => void;
}) {
  const { t } = useTranslation("floorPlan");
  const { t: common } = useTranslation();
  const client = useQueryClient();
  const input = useRef<HTMLInputElement>(null);
  const [progress, setProgress] = useState<UploadProgress>();
  const [failure, setFailure] = useState<string>();
  const { plan } = props;

  const send = async (file: File) => {
    setFailure(undefined);
    if (isTooBig(file)) return setFailure(t("tooBig", { size: Math.ceil(file.size / 1_048_576) }));
    if (isUnknownType(file)) return setFailure(t("fault.unknown-type"));
    setProgress({ step: "sending", part: 0 });
    try {
      const { create, replace } = floorPlanEndpoints;
      const name = new URLSearchParams({ name: freeName(file.name, props.taken) });
      const [method, address] =
        plan === undefined
          ? [create.method, `${create.path}?${name}`]
          : [
              replace.method,
              `${fillPath(replace.path, { id: plan.id })}?revision=${props.revision?.() ?? plan.revision}`,
            ];
      const answer = await sendFile(method, address, file, setProgress);
      await client.invalidateQueries({ queryKey: [floorPlanEndpoints.list.id] });
      // What this operation answers, by the contract that both sides share.
      props.onDone(answer as Uploaded);
    } catch (error) {
      const fault = faultOf(error);
      setFailure(fault === undefined ? problemText(common, error) : t(`fault.${fault}`));
    } finally {
      setProgress(undefined);
    }
  };

  return (
    <div className="plan-upload">
      <Button
        type={props.isPrimary ? "primary" : "default"}
        loading={progress !== undefined}
        onClick={() => input.current?.click()}
      >
        {plan === undefined ? t("upload") : t("replace")}
      </Button>
      <input
        ref={input}
        type="file"
        hidden
        aria-label={plan === undefined ? t("upload") : t("replace")}
        accept=".svg,.png,.jpg,.jpeg,image/svg+xml,image/png,image/jpeg"
        onChange={(event) => {
          const file = event.target.files?.[0];
          // The same file once more is a change, too.
          event.target.value = "";
          if (file !== undefined) void send(file);
        }}
      />
      {progress === undefined ? null : (
        <span role="status" className="plan-upload__progress">
          <progress
            aria-label={t("uploading")}
            max={1}
            {...(progress.step === "sending" ? { value: progress.part } : {})}
          />
          {progress.step === "sending"
            ? t("sent", { percent: Math.floor(progress.part * 100) })
            : t("checking")}
        </span>
      )}
      {failure === undefined ? null : (
        <p role="alert" className="plan-upload__failure">
          {failure}
        </p>
      )}
    </div>
  );
}

/** The file's name without its ending, and with a number if a plan has that name. */
function freeName(fileName: string, taken: readonly string[]): string {
  const plain =
    fileName
      .replace(/\.[^.]*$/, "")
      .replace(/\p{Cc}/gu, "")
      .trim()
      .slice(0, 70) || "1";
  let name = plain;
  for (let number = 2; taken.includes(name); number += 1) name = `${plain} ${number}`;
  return name;
}

/** What was taken out of an image, in words; nothing if it was taken as it is. */
export function RemovedParts(props: { removed: readonly RemovedPart[] }) {
  const { t } = useTranslation("floorPlan");
  if (props.removed.length === 0) return null;
  const parts = props.removed.map(({ count, what }) => t("removedPart", { what: t(`part.${what}`), count }));
  return (
    <p role="status" className="plan-upload__removed">
      {t("removed", { parts: parts.join(t("comma")) })}
    </p>
  );
}
