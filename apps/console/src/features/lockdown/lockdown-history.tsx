import { type Lockdown, lockdownEndpoints } from "@menshen/wire";
import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";
import { usePaged } from "../../api/paged.ts";
import { useReadAgainOn } from "../../api/use-live.tsx";
import { ExactMoment } from "../../components/moments.tsx";
import { PagedTable } from "../../components/paged-table.tsx";

/** Lockdowns and drills so far, each named as what it was. */
export function LockdownHistory() {
  const { t } = useTranslation("lockdown");
  useReadAgainOn("lockdown", lockdownEndpoints.list.id);
  const read = usePaged(lockdownEndpoints.list, { limit: 20 });
  return (
    <section className="section" aria-labelledby="lockdown-history">
      <h2 id="lockdown-history">{t("history")}</h2>
      <PagedTable
        read={read}
        label={t("history")}
        rowKey={({ id }) => id}
        empty={<p className="quiet">{t("noHistory")}</p>}
        columns={[
          {
            key: "when",
            title: t("when"),
            render: (_, { startedAt }) => <ExactMoment epochMs={startedAt} />,
          },
          {
            key: "what",
            title: t("what"),
            render: (_, { drill, name }) => `${t(drill ? "kind.drill" : "kind.real")} · ${name}`,
          },
          { key: "who", title: t("who"), render: (_, { startedBy }) => startedBy },
          { key: "how", title: t("how"), render: (_, lockdown) => <Ending lockdown={lockdown} /> },
        ]}
      />
    </section>
  );
}

function Ending({ lockdown }: { lockdown: Lockdown }) {
  const { t } = useTranslation("lockdown");
  const { ended } = lockdown;
  if (ended === undefined) return t("goesOn");
  return (
    <>
      <ExactMoment epochMs={ended.at} />, {endingText(t, ended)}
    </>
  );
}

function endingText(t: TFunction<"lockdown">, ended: NonNullable<Lockdown["ended"]>): string {
  if (ended.how === "time") return t("ending.time");
  const by = ended.by ?? "–";
  return ended.agreedBy === undefined
    ? t("ending.drill", { by })
    : t("ending.early", { by, agreedBy: ended.agreedBy });
}
