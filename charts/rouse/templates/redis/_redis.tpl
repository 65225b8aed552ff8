{{/* Where the programs' Redis is: the Secret that holds its URL, as YAML; nothing without one. */}}

{{- define "rouse.redisSecret" -}}
{{- $redis := .Values.redis }}
{{- if $redis.existingSecret.name -}}
name: {{ $redis.existingSecret.name }}
key: {{ $redis.existingSecret.key }}
{{- else if or $redis.enabled $redis.url -}}
name: rouse-redis
key: url
{{- end }}
{{- end }}

{{/* By what is written nowhere but in the file. */}}
{{- define "rouse.redisConfig" -}}
bind * -::*
port 6379
dir /data
# What was acknowledged more than a second ago outlives a crash of the process; with persistence that of the node too.
appendonly yes
appendfsync everysec
save ""
# Full means no more writes: nothing that was acknowledged is thrown away for something new.
maxmemory {{ .Values.redis.maxmemory }}
maxmemory-policy noeviction
# The password.
include /etc/rouse-redis/auth.conf
{{- end }}
