import { type ThemeConfig, theme } from "antd";

const FONT = '"PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", system-ui, sans-serif';

const shared = {
  fontFamily: FONT,
  fontSize: 16,
  borderRadius: 6,
  controlHeight: 36,
  motionDurationFast: "0.08s",
  motionDurationMid: "0.12s",
  motionDurationSlow: "0.15s",
  boxShadowTertiary: "none",
} as const;

const light: ThemeConfig = {
  algorithm: theme.defaultAlgorithm,
  token: {
    ...shared,
    colorPrimary: "#c8321f",
    colorInfo: "#1d2129",
    colorInfoBg: "#f3f0e9",
    colorInfoBorder: "#e4e1da",
    colorSuccess: "#1f7a4d",
    colorWarning: "#8a5a00",
    colorWarningBg: "#f8f1e2",
    colorWarningBorder: "#dcc592",
    colorError: "#b3261e",
    colorLink: "#9c2415",
    colorBgLayout: "#fbfaf7",
    colorBgContainer: "#fbfaf7",
    colorBgElevated: "#ffffff",
    colorText: "#1d2129",
    colorTextSecondary: "#4a4f59",
    colorTextTertiary: "#5b606a",
    colorTextPlaceholder: "#6b6f78",
    colorTextDescription: "#4a4f59",
    colorBorder: "#8d8a83",
    colorBorderSecondary: "#e4e1da",
    colorSplit: "#e4e1da",
  },
};

const dark: ThemeConfig = {
  algorithm: theme.darkAlgorithm,
  token: {
    ...shared,
    colorPrimary: "#f0604a",
    colorInfo: "#e8e6e1",
    colorInfoBg: "#22262c",
    colorInfoBorder: "#2a2e35",
    colorSuccess: "#4cc38a",
    colorWarning: "#e0a33a",
    colorWarningBg: "#2a2318",
    colorWarningBorder: "#5c4a22",
    colorError: "#ff6b5e",
    colorLink: "#ff8a76",
    colorTextLightSolid: "#14161a",
    colorBgLayout: "#14161a",
    colorBgContainer: "#14161a",
    colorBgElevated: "#1b1e23",
    colorText: "#e8e6e1",
    colorTextSecondary: "#b4b2ad",
    colorTextTertiary: "#a3a19c",
    colorTextPlaceholder: "#96948f",
    colorTextDescription: "#b4b2ad",
    colorBorder: "#6d727b",
    colorBorderSecondary: "#2a2e35",
    colorSplit: "#2a2e35",
  },
};

/** Ant Design's tokens set to paper, ink and one vermilion; the same values stand as CSS variables in `@menshen/ui`. */
export function consoleTheme(isDark: boolean): ThemeConfig {
  const base = isDark ? dark : light;
  // Without this a button's sign that it works waits for the end of a movement that never comes, and stays in its name.
  const motion = !matchMedia("(prefers-reduced-motion: reduce)").matches;
  return {
    ...base,
    token: { ...base.token, motion },
    components: {
      Table: { headerBg: "transparent", headerSplitColor: "transparent", cellPaddingBlock: 10 },
      Layout: { bodyBg: "transparent", headerBg: "transparent", siderBg: "transparent" },
      Button: {
        primaryShadow: "none",
        defaultShadow: "none",
        dangerShadow: "none",
        // The dark algorithm would dim the one colour that must stand out.
        ...(isDark
          ? { colorPrimary: "#f0604a", colorPrimaryHover: "#f47a66", colorPrimaryActive: "#e0503b" }
          : // The light algorithm would pale it under the pointer until its word could not be read.
            { colorPrimaryHover: "#b02a19", colorPrimaryActive: "#96220f" }),
      },
      Segmented: {
        trackBg: "transparent",
        itemSelectedBg: isDark ? "#e8e6e1" : "#1d2129",
        itemSelectedColor: isDark ? "#14161a" : "#fbfaf7",
      },
    },
  };
}
