// The module's parts, as the build puts them in: each a function whose body is the whole part.
declare module 'part:judge' {
  export function openJudge(): import('./parts/judge').JudgePart;
}
declare module 'part:manage' {
  export function openManage(): import('./parts/manage').ManagePart;
}
