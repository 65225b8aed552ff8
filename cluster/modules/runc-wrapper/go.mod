module rouse.dev/cluster/runc-wrapper

go 1.26.0
