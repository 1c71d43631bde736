import eslint from "@eslint/js";
import tseslint from "typescript-eslint";

export default tseslint.config(
  { ignores: ["dist/", "policies/dist/", "plugin/dist/", "coverage/"] },
  eslint.configs.recommended,
  tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
      "@typescript-eslint/consistent-type-imports": ["error", { fixStyle: "inline-type-imports" }],
    },
  },
  // Plain JavaScript has no types to lint by.
  { files: ["**/*.{js,mjs,cjs}"], ...tseslint.configs.disableTypeChecked },
  // Scripts for Node as it is, without a compiler.
  {
    files: ["bench/*.js"],
    languageOptions: {
      globals: { performance: "readonly", process: "readonly", require: "readonly", URL: "readonly" },
    },
    rules: { "@typescript-eslint/no-require-imports": "off" },
  },
  // Mocha's own way: `describe` and `it` give nothing to wait for.
  { files: ["test/**"], rules: { "@typescript-eslint/no-unused-expressions": "off" } },
);
