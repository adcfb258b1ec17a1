export const zhCN = {
  pictureOf: "{{name}}的平面图",
};
