{{/* What both Deployments' pods have in common; Pod Security "restricted" holds for all of it. */}}

{{- define "rouse.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- define "rouse.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end }}

{{- define "rouse.podMetadata" -}}
labels:
  {{- include "rouse.selector" . | nindent 2 }}
  app.kubernetes.io/part-of: rouse
  {{- with .part.podLabels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- with .part.podAnnotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "rouse.scheduling" -}}
{{- with .root.Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- with .part.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .part.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .part.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .part.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .part.topologySpread }}
topologySpreadConstraints:
  {{- range . }}
  - topologyKey: {{ .topologyKey }}
    maxSkew: {{ .maxSkew }}
    whenUnsatisfiable: {{ .whenUnsatisfiable }}
    labelSelector:
      matchLabels:
        {{- include "rouse.selector" $ | nindent 8 }}
    # Pods of the version that is going away don't count.
    matchLabelKeys: [pod-template-hash]
  {{- end }}
{{- end }}
{{- end }}

{{/* Environment that both programs read. */}}
{{- define "rouse.env" -}}
- name: ROUSE_SYSTEM_NAMESPACE
  valueFrom: {fieldRef: {fieldPath: metadata.namespace}}
- name: ROUSE_POD_NAME
  valueFrom: {fieldRef: {fieldPath: metadata.name}}
- name: ROUSE_DOMAIN
  value: {{ .Values.domain | quote }}
- name: ROUSE_LOG_LEVEL
  value: {{ .Values.logLevel | quote }}
{{- with .Values.watchNamespace }}
- name: ROUSE_NAMESPACE_WATCHED
  value: {{ . | quote }}
{{- end }}
{{- end }}
