// Asks Kubernetes' own code for custom resources what it makes of schemas and objects; see ../README.md.

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/install"
	v1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/validation"
	structuralschema "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/listtype"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning"
	crval "k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	"k8s.io/apimachinery/pkg/runtime"
	kjson "k8s.io/apimachinery/pkg/util/json"
	"k8s.io/apimachinery/pkg/util/validation/field"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
)

type in struct {
	Name   string          `json:"name"`
	CRD    json.RawMessage `json:"crd"`
	Object json.RawMessage `json:"object"`
	Old    json.RawMessage `json:"old"`
}
type cause struct{ Type, Field, Message string }
type out struct {
	Name   string      `json:"name"`
	CRD    []cause     `json:"crd,omitempty"`
	Pruned []string    `json:"pruned,omitempty"`
	Object interface{} `json:"object,omitempty"`
	Errors []cause     `json:"errors,omitempty"`
}

func causes(l field.ErrorList) (o []cause) {
	for _, e := range l {
		o = append(o, cause{string(e.Type), e.Field, e.ErrorBody()})
	}
	return
}

func main() {
	scheme := runtime.NewScheme()
	install.Install(scheme)
	sc := bufio.NewScanner(os.Stdin)
	sc.Buffer(nil, 64<<20)
	for sc.Scan() {
		var i in
		if err := json.Unmarshal(sc.Bytes(), &i); err != nil {
			panic(err)
		}
		o := out{Name: i.Name}
		var c v1.CustomResourceDefinition
		if err := json.Unmarshal(i.CRD, &c); err != nil {
			panic(err)
		}
		scheme.Default(&c)
		c.Status.StoredVersions = []string{c.Spec.Versions[0].Name}
		var ic apiextensions.CustomResourceDefinition
		if err := scheme.Convert(&c, &ic, nil); err != nil {
			panic(err)
		}
		errs := validation.ValidateCustomResourceDefinition(context.TODO(), &ic)
		o.CRD = causes(errs)
		if i.Object != nil {
			schema := ic.Spec.Validation
			if schema == nil {
				schema = ic.Spec.Versions[0].Schema
			}
			ss, err := structuralschema.NewStructural(schema.OpenAPIV3Schema)
			if err != nil {
				panic(err)
			}
			obj, old := map[string]interface{}{}, map[string]interface{}(nil)
			if err := kjson.Unmarshal(i.Object, &obj); err != nil {
				panic(err)
			}
			o.Pruned = pruning.PruneWithOptions(obj, ss, true, structuralschema.UnknownFieldPathOptions{TrackUnknownFieldPaths: true})
			defaulting.PruneNonNullableNullsWithoutDefaults(obj, ss)
			defaulting.Default(obj, ss)
			v, _, err := crval.NewSchemaValidator(schema.OpenAPIV3Schema)
			if err != nil {
				panic(err)
			}
			var e field.ErrorList
			if i.Old != nil {
				if err := kjson.Unmarshal(i.Old, &old); err != nil {
					panic(err)
				}
				defaulting.Default(old, ss)
				e = crval.ValidateCustomResourceUpdate(nil, obj, old, v)
			} else {
				e = crval.ValidateCustomResource(nil, obj, v)
			}
			e = append(e, listtype.ValidateListSetsAndMaps(nil, ss, obj)...)
			cv := cel.NewValidator(ss, true, celconfig.PerCallLimit)
			if cv != nil {
				blocked := false
				for _, x := range e {
					if x.Type == field.ErrorTypeNotSupported || x.Type == field.ErrorTypeRequired || x.Type == field.ErrorTypeTooLong || x.Type == field.ErrorTypeTooMany || x.Type == field.ErrorTypeTypeInvalid {
						blocked = true
					}
				}
				if blocked {
					e = append(e, field.Invalid(nil, nil, "some validation rules were not checked because the object was invalid; correct the existing errors to complete validation"))
				} else {
					var oi interface{}
					if old != nil {
						oi = old
					}
					ce, _ := cv.Validate(context.TODO(), nil, ss, obj, oi, celconfig.RuntimeCELCostBudget)
					e = append(e, ce...)
				}
			}
			o.Errors = causes(e)
			o.Object = obj
		}
		b, _ := json.Marshal(o)
		fmt.Println(string(b))
	}
}
