import { sessionEndpoints } from "@menshen/wire";
import { useQueryClient } from "@tanstack/react-query";
import { Dropdown, type MenuProps } from "antd";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { call } from "../api/client.ts";
import { useDutyChange, useSignedIn } from "../api/session.tsx";
import { type Appearance, type Language, usePreferences } from "../preferences.tsx";

/** Who is signed in, in which duty; language, appearance, settings and signing out. */
export function PersonMenu() {
  const { t } = useTranslation();
  const session = useSignedIn();
  const { language, appearance, setLanguage, setAppearance } = usePreferences();
  const changeDuty = useDutyChange();
  const client = useQueryClient();
  const navigate = useNavigate();

  const signOut = async () => {
    try {
      await call(sessionEndpoints.signOut, {});
    } finally {
      client.clear();
      location.assign("/");
    }
  };

  const items: MenuProps["items"] = [
    {
      key: "duty",
      type: "group",
      label: t("session.duty"),
      children: session.duties.map((duty) => ({
        key: `duty.${duty}`,
        label: `${duty === session.duty ? "✓ " : ""}${t(`duty.${duty}`)}`,
        disabled: duty === session.duty,
        onClick: () => void changeDuty(duty),
      })),
    },
    { type: "divider" },
    {
      key: "language",
      label: t("session.language"),
      children: (["zh-CN", "en"] satisfies Language[]).map((value) => ({
        key: value,
        label: `${value === language ? "✓ " : ""}${value === "en" ? "English" : "中文"}`,
        onClick: () => setLanguage(value),
      })),
    },
    {
      key: "appearance",
      label: t("session.appearance"),
      children: (["system", "light", "dark"] satisfies Appearance[]).map((value) => ({
        key: value,
        label: `${value === appearance ? "✓ " : ""}${t(`session.appearanceOf.${value}`)}`,
        onClick: () => setAppearance(value),
      })),
    },
    { key: "settings", label: t("nav.settings"), onClick: () => void navigate("/settings") },
    { type: "divider" },
    { key: "sign-out", label: t("session.signOut"), onClick: () => void signOut() },
  ];

  return (
    <Dropdown menu={{ items }} trigger={["click"]}>
      <button type="button" className="person-button">
        <span>{session.displayName}</span>
        <span className="person-button__duty">{t(`duty.${session.duty}`)}</span>
      </button>
    </Dropdown>
  );
}
