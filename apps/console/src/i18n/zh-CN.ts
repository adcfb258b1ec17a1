/** Chinese texts of the console; the shape of this object is the contract for every other language. */
export const zhCN = {
  common: {
    brand: "门神",
    save: "保存",
    cancel: "取消",
    close: "关闭",
    edit: "修改",
    remove: "移除",
    restore: "恢复",
    undo: "撤销",
    add: "新增",
    search: "搜索",
    retry: "重试",
    loading: "正在读取",
    none: "无",
    always: "全天",
    optional: "可不填",
    reason: "原因",
    more: "更多",
    name: "名称",
    yes: "是",
    no: "否",
    saved: "已保存",
    from: "自",
    until: "至",
  },
  nav: {
    label: "主导航",
    live: "实时",
    people: "住户",
    credentials: "凭证",
    doors: "门",
    schedules: "时段",
    rules: "通行规则",
    events: "通行记录",
    changes: "变更记录",
    settings: "设置",
    menu: "菜单",
    skip: "跳到内容",
  },
  session: {
    signOut: "退出登录",
    language: "语言",
    appearance: "外观",
    appearanceSystem: "随系统",
    appearanceLight: "浅色",
    appearanceDark: "深色",
  },
} as const;

/** Any language's texts: the same keys, its own words. */
export type Texts<T> = { readonly [K in keyof T]: T[K] extends string ? string : Texts<T[K]> };
export type Messages = Texts<typeof zhCN>;
