{{/*
What the agent's container is allowed. docs/kubernetes.md says what each capability is for.

There is no `allowPrivilegeEscalation: false`, because the API server refuses it beside SYS_ADMIN: the agent sets no_new_privs
itself. AppArmor's profile of container runtimes forbids to read other processes in /proc, which is what the agent is there for.
*/}}
{{- define "rampart.securityContext" -}}
runAsUser: 0
runAsGroup: 0
readOnlyRootFilesystem: true
{{- if .Values.agent.privileged }}
privileged: true
{{- else }}
privileged: false
capabilities:
  drop: [ALL]
  add: {{ include "rampart.capabilities" . }}
seccompProfile:
  type: RuntimeDefault
{{- if semverCompare ">=1.30.0-0" .Capabilities.KubeVersion.Version }}
appArmorProfile:
  type: Unconfined
{{- end }}
{{- end }}
{{- with .Values.agent.seLinuxOptions }}
seLinuxOptions:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "rampart.capabilities" -}}
{{- $needed := list "BPF" "PERFMON" "SYS_PTRACE" "DAC_READ_SEARCH" "SYS_ADMIN" "SYS_CHROOT" "NET_ADMIN" "AUDIT_CONTROL" -}}
[{{ concat $needed .Values.agent.extraCapabilities | uniq | join ", " }}]
{{- end }}
