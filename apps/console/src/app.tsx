import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { App as AntApp, ConfigProvider } from "antd";
import enUS from "antd/locale/en_US.js";
import zhCN from "antd/locale/zh_CN.js";
import i18next from "i18next";
import { useEffect, useMemo, useState } from "react";
import { BrowserRouter } from "react-router";
import { ApiError } from "./api/client.ts";
import { startTexts } from "./i18n/index.ts";
import { Pages } from "./pages.tsx";
import { usePreferences } from "./preferences.tsx";
import { consoleTheme } from "./theme.ts";

const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      // A refusal stays a refusal; only a server that could not be reached is asked again.
      retry: (failures, error) => error instanceof ApiError && error.code === "unreachable" && failures < 2,
      refetchOnWindowFocus: true,
    },
  },
});

export function App() {
  const { language, isDark } = usePreferences();
  const [isReady, setIsReady] = useState(false);
  const theme = useMemo(() => consoleTheme(isDark), [isDark]);

  useEffect(() => {
    const ready = i18next.isInitialized ? i18next.changeLanguage(language) : startTexts(language);
    void Promise.resolve(ready).then(() => setIsReady(true));
  }, [language]);

  if (!isReady) return null;
  return (
    <ConfigProvider
      theme={theme}
      locale={language === "zh-CN" ? zhCN.default : enUS.default}
      wave={{ disabled: true }}
      button={{ autoInsertSpace: false }}
    >
      <AntApp>
        <QueryClientProvider client={client}>
          <BrowserRouter>
            <Pages />
          </BrowserRouter>
        </QueryClientProvider>
      </AntApp>
    </ConfigProvider>
  );
}
