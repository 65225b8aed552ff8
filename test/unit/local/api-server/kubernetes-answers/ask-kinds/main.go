// Asks Kubernetes' own code for built-in kinds for defaults, faults, tables and merges; see ../README.md.

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/strategicpatch"
	"k8s.io/apimachinery/pkg/util/validation/field"
	genericapirequest "k8s.io/apiserver/pkg/endpoints/request"
	"k8s.io/apiserver/pkg/registry/rest"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	_ "k8s.io/kubernetes/pkg/apis/apps/install"
	_ "k8s.io/kubernetes/pkg/apis/autoscaling/install"
	_ "k8s.io/kubernetes/pkg/apis/batch/install"
	_ "k8s.io/kubernetes/pkg/apis/coordination/install"
	_ "k8s.io/kubernetes/pkg/apis/core/install"
	_ "k8s.io/kubernetes/pkg/apis/discovery/install"
	_ "k8s.io/kubernetes/pkg/apis/networking/install"
	_ "k8s.io/kubernetes/pkg/apis/policy/install"
	_ "k8s.io/kubernetes/pkg/apis/rbac/install"
	"k8s.io/kubernetes/pkg/printers"
	printersinternal "k8s.io/kubernetes/pkg/printers/internalversion"
	"k8s.io/kubernetes/pkg/registry/apps/daemonset"
	"k8s.io/kubernetes/pkg/registry/apps/deployment"
	"k8s.io/kubernetes/pkg/registry/apps/replicaset"
	"k8s.io/kubernetes/pkg/registry/apps/statefulset"
	"k8s.io/kubernetes/pkg/registry/batch/job"
	"k8s.io/kubernetes/pkg/registry/coordination/lease"
	"k8s.io/kubernetes/pkg/registry/core/configmap"
	"k8s.io/kubernetes/pkg/registry/core/event"
	"k8s.io/kubernetes/pkg/registry/core/namespace"
	"k8s.io/kubernetes/pkg/registry/core/pod"
	"k8s.io/kubernetes/pkg/registry/core/secret"
	"k8s.io/kubernetes/pkg/registry/core/service"
	"k8s.io/kubernetes/pkg/registry/core/serviceaccount"
	"k8s.io/kubernetes/pkg/registry/discovery/endpointslice"
)

type in struct {
	Name    string          `json:"name"`
	Op      string          `json:"op"`
	Object  json.RawMessage `json:"object"`
	Old     json.RawMessage `json:"old"`
	Patch   json.RawMessage `json:"patch"`
	NowSkip bool
}
type cause struct{ Type, Field, Message string }

type strategy interface {
	rest.RESTCreateStrategy
	rest.RESTUpdateStrategy
}

var strategies = map[string]strategy{
	"Pod": pod.Strategy, "Service": service.Strategy, "ConfigMap": configmap.Strategy, "Secret": secret.Strategy, "Namespace": namespace.Strategy,
	"Event": event.Strategy, "ServiceAccount": serviceaccount.Strategy, "EndpointSlice": endpointslice.Strategy, "Lease": lease.Strategy,
	"Deployment": deployment.Strategy, "ReplicaSet": replicaset.Strategy, "StatefulSet": statefulset.Strategy, "DaemonSet": daemonset.Strategy, "Job": job.Strategy,
}

func decode(b []byte) (runtime.Object, schema.GroupVersionKind, error) {
	return func() (runtime.Object, schema.GroupVersionKind, error) {
		var tm metav1.TypeMeta
		json.Unmarshal(b, &tm)
		gvk := tm.GroupVersionKind()
		o, err := legacyscheme.Scheme.New(gvk)
		if err != nil {
			return nil, gvk, err
		}
		if err := json.Unmarshal(b, o); err != nil {
			return nil, gvk, err
		}
		legacyscheme.Scheme.Default(o)
		return o, gvk, nil
	}()
}

func internal(o runtime.Object, gvk schema.GroupVersionKind) runtime.Object {
	i, err := legacyscheme.Scheme.ConvertToVersion(o, schema.GroupVersion{Group: gvk.Group, Version: runtime.APIVersionInternal})
	if err != nil {
		panic(err)
	}
	return i
}

func causes(l field.ErrorList) (o []cause) {
	for _, e := range l {
		o = append(o, cause{string(e.Type), e.Field, e.ErrorBody()})
	}
	return
}

func run(i in) (res map[string]interface{}) {
	res = map[string]interface{}{"name": i.Name}
	defer func() {
		if r := recover(); r != nil {
			res["panic"] = fmt.Sprint(r)
		}
	}()
	if i.Op == "smp" {
		var tm metav1.TypeMeta
		json.Unmarshal(i.Object, &tm)
		o, err := legacyscheme.Scheme.New(tm.GroupVersionKind())
		if err != nil {
			res["error"] = err.Error()
			return
		}
		b, err := strategicpatch.StrategicMergePatch(i.Object, i.Patch, o)
		if err != nil {
			res["error"] = err.Error()
			return
		}
		res["object"] = json.RawMessage(b)
		return
	}
	o, gvk, err := decode(i.Object)
	if err != nil {
		res["error"] = err.Error()
		return
	}
	switch i.Op {
	case "default":
		res["object"] = o
	case "validate":
		ctx := genericapirequest.WithNamespace(genericapirequest.NewContext(), "default")
		ctx = genericapirequest.WithRequestInfo(ctx, &genericapirequest.RequestInfo{APIGroup: gvk.Group, APIVersion: gvk.Version})
		if gvk.Kind == "Namespace" {
			ctx = genericapirequest.WithNamespace(genericapirequest.NewContext(), "")
		}
		_ = context.TODO
		n := internal(o, gvk)
		s := strategies[gvk.Kind]
		if i.Old != nil {
			oo, _, err := decode(i.Old)
			if err != nil {
				panic(err)
			}
			old := internal(oo, gvk)
			s.PrepareForUpdate(ctx, n, old)
			res["errors"] = causes(s.ValidateUpdate(ctx, n, old))
		} else {
			s.PrepareForCreate(ctx, n)
			res["errors"] = causes(s.Validate(ctx, n))
		}
	case "table":
		g := printers.NewTableGenerator().With(printersinternal.AddHandlers)
		t, err := g.GenerateTable(internal(o, gvk), printers.GenerateOptions{Wide: true})
		if err != nil {
			res["error"] = err.Error()
			return
		}
		for k := range t.Rows {
			t.Rows[k].Object = runtime.RawExtension{}
		}
		res["object"] = t
	}
	return
}

func main() {
	sc := bufio.NewScanner(os.Stdin)
	sc.Buffer(nil, 64<<20)
	for sc.Scan() {
		var i in
		if err := json.Unmarshal(sc.Bytes(), &i); err != nil {
			panic(err)
		}
		b, err := json.Marshal(run(i))
		if err != nil {
			panic(err)
		}
		fmt.Println(string(b))
	}
}
